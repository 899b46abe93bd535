import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { availableLevels, dumbInit, Engine, python, scratchFolder } from './engine';
import type { ContainerSpec } from '../../../local/isolation/isolation';

jest.setTimeout(60_000);

const PATH = '/usr/local/bin:/usr/bin:/bin';
const levels = availableLevels();
const interpreter = python();

describe.each(levels)('isolation %s', level => {
  let engine: Engine;
  let folder: string;
  let created: { hostAddress: string; metadataAddress: { host: string; port: number } };

  beforeAll(async () => {
    folder = scratchFolder();
    chmodSync(folder, 0o755);
    engine = Engine.start(level, join(__dirname, 'engine-process.ts'));
    created = await engine.order('create', { level, dumbInit: level === 'loopback' ? '' : dumbInit(), python: interpreter });
  });

  afterAll(async () => {
    await engine.order('close');
    await engine.end();
    rmSync(folder, { recursive: true, force: true });
  });

  function spec(taskId: string, name: string, script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
    return {
      taskId,
      name,
      argv: ['sh', '-c', script],
      environment: { PATH, HOME: '/home/airflow' },
      uid: 50000,
      gid: 0,
      workingDirectory: '/opt/airflow',
      directories: [
        { host: join(folder, taskId, 'opt'), container: '/opt/airflow', writable: true },
        { host: join(folder, taskId, 'home'), container: '/home/airflow', writable: true },
      ],
      logFile: join(folder, 'log', taskId, `${name}.log`),
      ...more,
    };
  }

  async function run(taskId: string, script: string, more?: Partial<ContainerSpec>): Promise<{ code: number; output: string }> {
    const name = `run${Math.random().toString(36).slice(2)}`;
    const container = await engine.order<number>('start', spec(taskId, name, script, more));
    const code = await engine.order<number>('exited', container);
    return { code, output: readFileSync(join(folder, 'log', taskId, `${name}.log`), 'utf-8') };
  }

  describe('processes', () => {
    beforeAll(async () => engine.order('addTask', 'processes'));
    afterAll(async () => engine.order('removeTask', 'processes'));

    test('exit code, working directory, environment and output', async () => {
      const { code, output } = await run('processes', 'echo "$GREETING"; echo error >&2; echo x > file; ls ~; pwd; exit 7', { environment: { PATH, HOME: '/home/airflow', GREETING: 'hello' } });
      const place = level === 'loopback' ? join(folder, 'processes/opt') : '/opt/airflow';
      expect({ code, output }).toEqual({ code: 7, output: `hello\nerror\n${place}\n` });
      expect(readFileSync(join(folder, 'processes/opt/file'), 'utf-8')).toBe('x\n');
    });

    test('a program that does not exist ends with 127 or 2 and says so', async () => {
      const { code, output } = await run('processes', '', { argv: ['no-such-program'] });
      expect(code).toBe(level === 'loopback' ? 127 : 2);
      expect(output).toContain('no-such-program');
    });

    test('SIGTERM reaches the process, whose exit code counts', async () => {
      const container = await engine.order<number>('start', spec('processes', 'term', 'trap "echo stopping; exit 5" TERM; echo ready; while :; do sleep 0.05; done'));
      await untilLogged('processes', 'term', 'ready');
      await engine.order('signal', container, 'SIGTERM');
      expect(await engine.order('exited', container)).toBe(5);
    });

    test('SIGTERM without a handler ends with 143', async () => {
      const container = await engine.order<number>('start', spec('processes', 'plain', '', { argv: ['sleep', '60'] }));
      await sleep(100);
      await engine.order('signal', container, 'SIGTERM');
      expect(await engine.order('exited', container)).toBe(143);
    });

    test('SIGTERM sent right after the start is not lost', async () => {
      const container = await engine.order<number>('start', spec('processes', 'early', '', { argv: ['sleep', '60'] }));
      await engine.order('signal', container, 'SIGTERM');
      expect(await engine.order('exited', container)).toBe(143);
    });

    test('with DUMB_INIT_SETSID=0 the signal is for the main process only', async () => {
      const script = 'trap "wait; exit 0" TERM; (trap "echo child got it" TERM; for i in 1 2 3 4 5 6; do sleep 0.1; done; echo child finished) & echo ready; wait';
      const container = await engine.order<number>('start', spec('processes', 'setsid', script, { environment: { PATH, HOME: '/', DUMB_INIT_SETSID: '0' } }));
      await untilLogged('processes', 'setsid', 'ready');
      await engine.order('signal', container, 'SIGTERM');
      await engine.order('exited', container);
      expect(readFileSync(join(folder, 'log/processes/setsid.log'), 'utf-8')).toBe('ready\nchild finished\n');
    });

    test('kill ends every process, those in a session of their own too', async () => {
      const marker = `3${process.pid}.${levels.indexOf(level)}`;
      const container = await engine.order<number>('start', spec('processes', 'kill', `setsid sleep ${marker} & (setsid sh -c "trap '' TERM; sleep ${marker}; :" &) ; echo ready; sleep ${marker}`));
      await untilLogged('processes', 'kill', 'ready');
      await sleep(100);
      expect(processes(marker)).toHaveLength(5);
      await engine.order('kill', container);
      expect(await engine.order('exited', container)).toBe(137);
      expect(processes(marker)).toEqual([]);
    });

    test('no process outlives the main one', async () => {
      const marker = `4${process.pid}.${levels.indexOf(level)}`;
      const { code } = await run('processes', `setsid sleep ${marker} & exit 3`);
      expect(code).toBe(3);
      expect(processes(marker)).toEqual([]);
    });

    test('exec runs beside it with its environment and user', async () => {
      const container = await engine.order<number>('start', spec('processes', 'exec', 'sleep 60', { environment: { PATH, HOME: '/home/airflow', A: 'b' } }));
      const { code, output } = await engine.order<{ code: number; output: string }>('exec', container, ['sh', '-c', 'echo $A; id -u; pwd; exit 4']);
      const expected = level === 'loopback' ? `b\n${process.getuid!()}\n${join(folder, 'processes/opt')}\n` : 'b\n50000\n/opt/airflow\n';
      expect({ code, output }).toEqual({ code: 4, output: expected });
      await engine.order('kill', container);
    });

    test('an exec that is killed leaves no process', async () => {
      const marker = `5${process.pid}.${levels.indexOf(level)}`;
      const container = await engine.order<number>('start', spec('processes', 'exec-kill', 'sleep 60'));
      const { code } = await engine.order<{ code: number }>('exec', container, ['sleep', marker], 300);
      expect(code).toBe(137);
      await sleep(50);
      expect(processes(marker)).toEqual([]);
      await engine.order('kill', container);
    });
  });

  describe('network', () => {
    const addresses: Record<string, string> = {};
    beforeAll(async () => {
      for (const id of ['client', 'server']) addresses[id] = await engine.order('addTask', id);
    });
    afterAll(async () => {
      for (const id of ['client', 'server']) await engine.order('removeTask', id);
    });

    const serve = (port: number, text: string) => ({
      argv: [interpreter, '-uc', `
import socket
s = socket.create_server(('0.0.0.0', ${port}))
print('listening', flush=True)
while True:
    c, peer = s.accept()
    c.sendall(('${text} for ' + peer[0]).encode())
    c.close()`],
    });
    const fetch = (host: string, port: number) => ({
      argv: [interpreter, '-c', `
import socket
try:
    print(socket.create_connection(('${host}', ${port}), 2).recv(99).decode(), end='')
except OSError as e:
    print(type(e).__name__, end='')`],
    });
    // the interpreter, wherever it is installed
    const withPython = { directories: [{ host: interpreterPrefix(), container: interpreterPrefix(), writable: false }], workingDirectory: '/tmp' };

    test('each task has its own address and name', async () => {
      expect(addresses.client).not.toBe(addresses.server);
      expect(addresses.client).toMatch(level === 'loopback' ? /^127\.0\.\d+\.\d+$/ : /^10\.0\.\d+\.\d+$/);
      const { output } = await run('client', '', { ...withPython, argv: [interpreter, '-c', 'import socket; print(socket.gethostname(), socket.gethostbyname(socket.gethostname()))'] });
      expect(output).toBe(`ip-${addresses.client.replaceAll('.', '-')} ${addresses.client}\n`);
    });

    test('two tasks listen on the same port; private names lead to them and change while they run', async () => {
      const servers = await Promise.all(['client', 'server'].map(async id => engine.order<number>('start', spec(id, 'serve', '', { ...withPython, ...serve(18080, id) }))));
      await Promise.all(['client', 'server'].map(async id => untilLogged(id, 'serve', 'listening')));
      const client = await engine.order<number>('start', spec('client', 'idle', 'sleep 60', withPython));
      const ask = async (host: string) => (await engine.order<{ output: string }>('exec', client, fetch(host, 18080).argv)).output;

      expect(await ask('web.airflow')).toBe('gaierror');
      await engine.order('setNames', { 'web.airflow': [addresses.server] });
      expect(await ask('web.airflow')).toBe(`server for ${level === 'loopback' ? '127.0.0.1' : addresses.client}`);
      expect(await ask('localhost')).toMatch(/^client for/);
      await engine.order('setNames', { 'web.airflow': [addresses.client] });
      expect(await ask('web.airflow')).toMatch(/^client for/);
      await engine.order('setNames', {});
      expect(await ask('web.airflow')).toBe('gaierror');
      for (const container of [...servers, client]) await engine.order('kill', container);
    });

    test('curl of localhost asks the task itself', async () => {
      const server = await engine.order<number>('start', spec('server', 'http', '', { ...withPython, argv: [interpreter, '-um', 'http.server', '18081'] }));
      await untilLogged('server', 'http', 'Serving');
      const { output } = await engine.order<{ output: string }>('exec', server, ['curl', '-s', '-o', '/dev/null', '-o', '/dev/null', '-w', '%{http_code} ', 'http://localhost:18081/', 'http://127.0.0.1:18081/']);
      expect(output).toBe('200 200 ');
      await engine.order('kill', server);
    });

    test('a task reaches the addresses of the engine', async () => {
      expect(created.metadataAddress).toEqual(level === 'loopback' ? { host: created.hostAddress, port: 20080 } : { host: '169.254.170.2', port: 80 });
      // nothing listens there, so that the engine itself refuses
      const { output } = await run('client', '', { ...withPython, ...fetch(created.hostAddress, 9) });
      expect(output).toBe('ConnectionRefusedError');
    });

    if (level !== 'loopback') {
      test('the Internet is not reachable', async () => {
        const { output } = await run('client', '', { ...withPython, ...fetch('192.0.2.1', 80) });
        expect(output).toBe('OSError');
      });
    }
  });

  if (level !== 'loopback') {
    describe('container', () => {
      beforeAll(async () => engine.order('addTask', 'container'));
      afterAll(async () => engine.order('removeTask', 'container'));

      const inside = async (script: string, more?: Partial<ContainerSpec>) => (await run('container', script, more)).output.trim();

      test('is uid 50000, gid 0, named airflow, without any right', async () => {
        expect(await inside('id')).toBe('uid=50000(airflow) gid=0(root) groups=0(root)');
        const status = await inside('cat /proc/self/status');
        expect(/^CapEff:\t(\d+)$/m.exec(status)?.[1]).toBe('0000000000000000');
        expect(/^CapPrm:\t(\d+)$/m.exec(status)?.[1]).toBe('0000000000000000');
        expect(/^NoNewPrivs:\t(\d)$/m.exec(status)?.[1]).toBe('1');
      });

      test('sees nothing of the host but programs', async () => {
        const secret = join(folder, 'secret');
        mkdirSync(secret, { recursive: true, mode: 0o755 });
        writeFileSync(join(secret, 'file'), 'x');
        expect(await inside('ls /')).toBe([
          'bin', 'dev', 'dumb-init', 'etc', 'home', ...['lib', 'lib32', 'lib64', 'libx32'].filter(name => existsSync(`/${name}`)), 'opt', 'proc', 'root', 'run', 'sbin', 'tmp', 'usr', 'var',
        ].join('\n'));
        expect(await inside(`ls ${secret} /run /tmp /root /home /opt /var 2>&1`)).toBe(
          `ls: cannot access '${secret}': No such file or directory\n/home:\nairflow\n\n/opt:\nairflow\n\n/root:\n\n/run:\n\n/tmp:\n\n/var:\ntmp`);
      });

      test('sees its own processes only, dumb-init first', async () => {
        expect(await inside('cat /proc/1/comm; ls /proc | grep -c "^[0-9]"')).toMatch(/^dumb-init\n[3-5]$/);
      });

      test('can write to its own folders, /tmp, /run and /dev/shm only', async () => {
        const places = ['/', '/usr', '/usr/bin', '/etc', '/etc/ssl', '/etc/hosts', '/dumb-init', '/dev', '/home', '/opt', '/proc/sys/kernel/hostname', '/opt/airflow', '/home/airflow', '/tmp', '/var/tmp', '/run', '/dev/shm', '/dev/null'];
        const output = await inside(places.map(place => `f=${place}; [ -d $f ] && f=$f/x; (: > $f) 2> /dev/null && echo ${place}`).join('\n'));
        expect(output.split('\n')).toEqual(['/opt/airflow', '/home/airflow', '/tmp', '/var/tmp', '/run', '/dev/shm', '/dev/null']);
      });

      test('the superuser in it cannot undo that', async () => {
        const output = await inside('mount -o remount,rw / 2>&1; mount -t tmpfs x /tmp 2>&1; chroot / true 2>&1; echo x > /etc/hosts; id -u', { uid: 0, gid: 0 });
        expect(output.split('\n').at(-1)).toBe('0');
        expect(await inside('(: > /usr/x) 2>&1', { uid: 0, gid: 0 })).toContain('Read-only file system');
      });

      test('/etc is its own', async () => {
        expect(await inside('hostname; cat /etc/hostname; getent passwd 999 1000; ls /etc | tr "\\n" " "')).toMatch(/^(ip-10-0-\d+-\d+)\n\1\n(?!.*(shadow|sudoers|machine-id)).*\bhosts\b/);
      });

      test('other users of the images are known by name', async () => {
        expect(await inside('id -un; id -g', { uid: 999, gid: 1000 })).toBe('redis\n1000');
      });

      test('a read-only directory is visible under the same path and cannot be written to', async () => {
        const program = join(folder, 'with space');
        mkdirSync(program, { recursive: true });
        chmodSync(program, 0o777);
        const base = spec('container', 'x', '');
        const output = await inside(`cd '${program}' && pwd; (: > x) 2>&1`, { directories: [...base.directories, { host: program, container: program, writable: false }] });
        expect(output).toBe(`${program}\nsh: 1: cannot create x: Read-only file system`);
        expect(readdirSync(program)).toEqual([]);
      });

      test('fails clearly when a directory does not exist', async () => {
        const base = spec('container', 'missing', '');
        await expect(engine.order('start', { ...base, directories: [...base.directories, { host: '/no/such', container: '/x', writable: false }] })).rejects.toThrow('/no/such');
      });
    });
  }

  async function untilLogged(task: string, name: string, text: string): Promise<void> {
    const file = join(folder, 'log', task, `${name}.log`);
    for (let tries = 0; tries < 400; tries++) {
      if (existsSync(file) && readFileSync(file, 'utf-8').includes(text)) return;
      await sleep(25);
    }
    throw new Error(`${file} never said ${text}`);
  }
});

describe.each(levels)('end of the engine, isolation %s', level => {
  test('SIGKILL of the engine leaves no process', async () => {
    const folder = scratchFolder();
    chmodSync(folder, 0o755);
    const engine = Engine.start(level, join(__dirname, 'engine-process.ts'));
    await engine.order('create', { level, dumbInit: level === 'loopback' ? '' : dumbInit(), python: interpreter });
    await engine.order('addTask', 'orphan');
    const marker = `6${process.pid}.${levels.indexOf(level)}`;
    await engine.order('start', {
      taskId: 'orphan',
      name: 'orphan',
      argv: ['sh', '-c', `setsid sleep ${marker} & sleep ${marker}`],
      environment: { PATH },
      uid: 50000,
      gid: 0,
      workingDirectory: '/tmp',
      directories: [],
      logFile: join(folder, 'log'),
    });
    await sleep(200);
    expect(processes(marker)).toHaveLength(3);
    engine.process.kill('SIGKILL');
    await engine.end();
    for (let tries = 0; processes(marker).length > 0 && tries < 100; tries++) await sleep(20);
    expect(processes(marker)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

function interpreterPrefix(): string {
  return execFileSync(interpreter, ['-c', 'import sys; print(sys.base_prefix)'], { encoding: 'utf-8' }).trim();
}

/** Command lines that contain the marker, those of the supervisors and shells around it included. */
function processes(marker: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(pid => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf-8').split('\0').join(' ').trim();
      return line.includes(marker) && !/dumb-init|nsenter|unshare|supervisor\.py/.test(line) ? [line] : [];
    } catch {
      return [];
    }
  });
}

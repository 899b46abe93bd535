import { chmodSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Containers, interpreter, PATH } from './containers';
import { availableLevels, containerSpec, dumbInit, Engine, pythonPrefix, scratchFolder } from './engine';
import { until } from '../until';

const levels = availableLevels();

describe.each(levels)('isolation %s', level => {
  const containers = new Containers(level);
  const { folder } = containers;
  beforeAll(async () => containers.start());
  afterAll(async () => containers.end());

  describe('processes', () => {
    beforeAll(async () => containers.order('addTask', 'processes'));
    afterAll(async () => containers.order('removeTask', 'processes'));

    test('exit code, working directory, environment and output', async () => {
      const { code, output } = await containers.run('processes', 'echo "$GREETING"; echo error >&2; echo x > file; ls ~; pwd; exit 7', { environment: { PATH, HOME: '/home/airflow', GREETING: 'hello' } });
      const place = level === 'loopback' ? join(folder, 'processes/opt') : '/opt/airflow';
      expect({ code, output }).toEqual({ code: 7, output: `hello\nerror\n${place}\n` });
      expect(readFileSync(join(folder, 'processes/opt/file'), 'utf-8')).toBe('x\n');
    });

    test('a program that does not exist ends with 127 or 2 and says so', async () => {
      const { code, output } = await containers.run('processes', '', { argv: ['no-such-program'] });
      expect(code).toBe(level === 'loopback' ? 127 : 2);
      expect(output).toContain('no-such-program');
    });

    test('SIGTERM reaches the process, whose exit code counts', async () => {
      const container = await containers.order<number>('start', containers.spec('processes', 'term', 'trap "echo stopping; exit 5" TERM; echo ready; while :; do sleep 0.05; done'));
      await containers.untilLogged('processes', 'term', 'ready');
      await containers.order('signal', container, 'SIGTERM');
      expect(await containers.order('exited', container)).toBe(5);
    });

    test('SIGTERM without a handler ends with 143', async () => {
      const container = await containers.order<number>('start', containers.spec('processes', 'plain', 'echo ready; exec sleep 600'));
      await containers.untilLogged('processes', 'plain', 'ready');
      await containers.order('signal', container, 'SIGTERM');
      expect(await containers.order('exited', container)).toBe(143);
    });

    test('SIGTERM sent right after the start is not lost', async () => {
      const container = await containers.order<number>('start', containers.spec('processes', 'early', '', { argv: ['sleep', '60'] }));
      await containers.order('signal', container, 'SIGTERM');
      expect(await containers.order('exited', container)).toBe(143);
    });

    test('with DUMB_INIT_SETSID=0 the signal is for the main process only', async () => {
      const script = 'trap "wait; exit 0" TERM; (trap "echo child got it" TERM; for i in 1 2 3 4 5 6; do sleep 0.1; done; echo child finished) & echo ready; wait';
      const container = await containers.order<number>('start', containers.spec('processes', 'setsid', script, { environment: { PATH, HOME: '/', DUMB_INIT_SETSID: '0' } }));
      await containers.untilLogged('processes', 'setsid', 'ready');
      await containers.order('signal', container, 'SIGTERM');
      await containers.order('exited', container);
      expect(readFileSync(join(folder, 'log/processes/setsid.log'), 'utf-8')).toBe('ready\nchild finished\n');
    });

    test('kill ends every process, those in a session of their own too', async () => {
      const marker = `3${process.pid}.${levels.indexOf(level)}`;
      const container = await containers.order<number>('start', containers.spec('processes', 'kill', `setsid sleep ${marker} & (setsid sh -c "trap '' TERM; sleep ${marker}; :" &) ; echo ready; sleep ${marker}`));
      await containers.untilLogged('processes', 'kill', 'ready');
      await until('all of them run', () => processes(marker).length === 5);
      await containers.order('kill', container);
      expect(await containers.order('exited', container)).toBe(137);
      expect(processes(marker)).toEqual([]);
    });

    test('an init that somebody else kills ends with 137, and without a word in its log', async () => {
      const container = await containers.order<number>('start', containers.spec('processes', 'killed', 'echo ready; sleep 60'));
      await containers.untilLogged('processes', 'killed', 'ready');
      await containers.order('signal', container, 'SIGKILL');
      expect(await containers.order('exited', container)).toBe(137);
      expect(readFileSync(join(folder, 'log/processes/killed.log'), 'utf-8')).toBe('ready\n');
    });

    test('no process outlives the main one', async () => {
      const marker = `4${process.pid}.${levels.indexOf(level)}`;
      const { code } = await containers.run('processes', `setsid sleep ${marker} & exit 3`);
      expect(code).toBe(3);
      expect(processes(marker)).toEqual([]);
    });

    test('exec runs beside it with its environment and user', async () => {
      const container = await containers.order<number>('start', containers.spec('processes', 'exec', 'sleep 60', { environment: { PATH, HOME: '/home/airflow', A: 'b' } }));
      const { code, output } = await containers.order<{ code: number; output: string }>('exec', container, ['sh', '-c', 'echo $A; id -u; pwd; exit 4']);
      const expected = level === 'loopback' ? `b\n${process.getuid!()}\n${join(folder, 'processes/opt')}\n` : 'b\n50000\n/opt/airflow\n';
      expect({ code, output }).toEqual({ code: 4, output: expected });
      await containers.order('kill', container);
    });

    test('an exec that is killed leaves no process', async () => {
      const marker = `5${process.pid}.${levels.indexOf(level)}`;
      const container = await containers.order<number>('start', containers.spec('processes', 'exec-kill', 'sleep 60'));
      const { code } = await containers.order<{ code: number }>('exec', container, ['sleep', marker], 300);
      expect(code).toBe(137);
      await until('none is left', () => processes(marker).length === 0);
      await containers.order('kill', container);
    });
  });

  describe('network', () => {
    const addresses: Record<string, string> = {};
    beforeAll(async () => {
      for (const id of ['client', 'server']) addresses[id] = await containers.order('addTask', id);
    });
    afterAll(async () => {
      for (const id of ['client', 'server']) await containers.order('removeTask', id);
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
    const withPython = { directories: [{ host: pythonPrefix(), container: pythonPrefix(), writable: false }], workingDirectory: '/tmp' };

    test('each task has its own address and name', async () => {
      expect(addresses.client).not.toBe(addresses.server);
      expect(addresses.client).toMatch(level === 'loopback' ? /^127\.0\.\d+\.\d+$/ : /^10\.0\.\d+\.\d+$/);
      const { output } = await containers.run('client', '', { ...withPython, argv: [interpreter, '-c', 'import socket; print(socket.gethostname(), socket.gethostbyname(socket.gethostname()))'] });
      expect(output).toBe(`ip-${addresses.client.replaceAll('.', '-')} ${addresses.client}\n`);
    });

    test('two tasks listen on the same port; private names lead to them and change while they run', async () => {
      const servers = await Promise.all(['client', 'server'].map(async id => containers.order<number>('start', containers.spec(id, 'serve', '', { ...withPython, ...serve(18080, id) }))));
      await Promise.all(['client', 'server'].map(async id => containers.untilLogged(id, 'serve', 'listening')));
      const client = await containers.order<number>('start', containers.spec('client', 'idle', 'sleep 60', withPython));
      const ask = async (host: string) => (await containers.order<{ output: string }>('exec', client, fetch(host, 18080).argv)).output;

      expect(await ask('web.airflow')).toBe('gaierror');
      await containers.order('setNames', { 'web.airflow': [addresses.server] });
      expect(await ask('web.airflow')).toBe(`server for ${level === 'loopback' ? '127.0.0.1' : addresses.client}`);
      expect(await ask('localhost')).toMatch(/^client for/);
      await containers.order('setNames', { 'web.airflow': [addresses.client] });
      expect(await ask('web.airflow')).toMatch(/^client for/);
      await containers.order('setNames', {});
      expect(await ask('web.airflow')).toBe('gaierror');
      for (const container of [...servers, client]) await containers.order('kill', container);
    });

    test('curl of localhost asks the task itself', async () => {
      const server = await containers.order<number>('start', containers.spec('server', 'http', '', { ...withPython, argv: [interpreter, '-um', 'http.server', '18081'] }));
      await containers.untilLogged('server', 'http', 'Serving');
      const { output } = await containers.order<{ output: string }>('exec', server, ['curl', '-s', '-o', '/dev/null', '-o', '/dev/null', '-w', '%{http_code} ', 'http://localhost:18081/', 'http://127.0.0.1:18081/']);
      expect(output).toBe('200 200 ');
      await containers.order('kill', server);
    });

    test('a task reaches the addresses of the engine', async () => {
      expect(containers.created.metadataAddress).toEqual(level === 'loopback' ? { host: containers.created.hostAddress, port: 20080 } : { host: '169.254.170.2', port: 80 });
      // nothing listens there, so that the engine itself refuses
      const { output } = await containers.run('client', '', { ...withPython, ...fetch(containers.created.hostAddress, 9) });
      expect(output).toBe('ConnectionRefusedError');
    });

    if (level !== 'loopback') {
      test('the Internet is not reachable', async () => {
        const { output } = await containers.run('client', '', { ...withPython, ...fetch('192.0.2.1', 80) });
        expect(output).toBe('OSError');
      });
    }
  });

  if (level === 'loopback') {
    test('a tmpfs is a folder of the container\'s own, which variables lead to', async () => {
      await containers.order('addTask', 'tmpfs');
      const program = join(folder, 'tmpfs');
      const print = async (name: string) => (await containers.run('tmpfs', 'echo x > $TMPDIR/file; cat "$LOGS"; echo "$TMPDIR $LOGS $PROGRAM"', {
        name,
        environment: { PATH, LOGS: '/tmp/file', PROGRAM: `${program}/bin` },
        directories: [{ host: program, container: program, writable: false }],
        workingDirectory: '/',
        readonlyRootFilesystem: true,
        tmpfs: [{ containerPath: '/tmp', size: 1, mountOptions: [] }],
      })).output.split('\n');
      const [first, second] = [await print('first'), await print('second')];
      await containers.order('removeTask', 'tmpfs');

      const [content, paths] = first;
      const [tmp, logs, programs] = paths.split(' ');
      expect({ content, logs, programs }).toEqual({ content: 'x', logs: `${tmp}/file`, programs: `${program}/bin` });
      expect(second[1]).not.toContain(tmp);
      expect(existsSync(tmp)).toBe(false);
    });
  }
});

describe.each(levels)('end of the engine, isolation %s', level => {
  test('SIGKILL of the engine leaves no process', async () => {
    const folder = scratchFolder();
    chmodSync(folder, 0o755);
    const engine = Engine.start(level, join(__dirname, 'engine-process.ts'));
    await engine.order('create', { level, securityGroups: false, dumbInit: level === 'loopback' ? '' : dumbInit(), python: interpreter });
    await engine.order('addTask', 'orphan');
    const marker = `6${process.pid}.${levels.indexOf(level)}`;
    await engine.order('start', containerSpec({
      taskId: 'orphan',
      argv: ['sh', '-c', `setsid sleep ${marker} & sleep ${marker}`],
      environment: { PATH },
      logFile: join(folder, 'log'),
    }));
    await until('all of them run', () => processes(marker).length === 3);
    engine.process.kill('SIGKILL');
    await engine.end();
    await until('none is left', () => processes(marker).length === 0);
    rmSync(folder, { recursive: true });
  });
});

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

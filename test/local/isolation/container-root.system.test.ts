import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Containers } from './containers';
import { availableLevels } from './engine';
import type { ContainerSpec } from '../../../local/isolation/isolation';


const levels = availableLevels().filter(level => level !== 'loopback');

describe.each(levels)('container, isolation %s', level => {
  const containers = new Containers(level);
  const { folder } = containers;
  beforeAll(async () => {
    await containers.start();
    await containers.order('addTask', 'container');
  });
  afterAll(async () => containers.end());

  const inside = async (script: string, more?: Partial<ContainerSpec>) => (await containers.run('container', script, more)).output.trim();
  const writable = async (more?: Partial<ContainerSpec>) => {
    const places = ['/', '/usr', '/usr/bin', '/etc', '/etc/ssl', '/etc/hosts', '/dumb-init', '/dev', '/home', '/opt', '/proc/sys/kernel/hostname', '/opt/airflow', '/home/airflow', '/tmp', '/var', '/var/tmp', '/run', '/dev/shm', '/dev/null'];
    return (await inside(places.map(place => `f=${place}; [ -d $f ] && f=$f/x; (: > $f) 2> /dev/null && echo ${place}`).join('\n'), more)).split('\n');
  };

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
    expect(await writable()).toEqual(['/opt/airflow', '/home/airflow', '/tmp', '/var/tmp', '/run', '/dev/shm', '/dev/null']);
  });

  test('with a read-only root can write to /dev/shm only', async () => {
    expect(await writable({ readonlyRootFilesystem: true })).toEqual(['/dev/shm', '/dev/null']);
  });

  test('with a read-only root can write to its tmpfs mounts as well, each up to its size', async () => {
    const tmpfs = [{ containerPath: '/tmp', size: 2, mountOptions: [] }];
    expect(await writable({ readonlyRootFilesystem: true, tmpfs })).toEqual(['/tmp', '/dev/shm', '/dev/null']);
    expect(await inside('head -c 2M /dev/zero > /tmp/full; head -c 1 /dev/zero 2>&1 > /tmp/more || echo failed', { readonlyRootFilesystem: true, tmpfs }))
      .toMatch(/No space left on device\nfailed$/);
  });

  test('a tmpfs has the superuser as its owner, no devices, and programs if it is told so', async () => {
    const tmpfs = [
      { containerPath: '/tmp', size: 1, mountOptions: ['rw', 'exec'] },
      { containerPath: '/opt/airflow/logs', size: 1, mountOptions: [] },
    ];
    const output = await inside("findmnt -nro TARGET,FSTYPE,OPTIONS /tmp; findmnt -nro TARGET,FSTYPE,OPTIONS /opt/airflow/logs; stat -c '%u %a' /tmp /opt/airflow/logs", { tmpfs, uid: 0 });
    expect(output.replaceAll(/,(inode64|uid=\d+|gid=\d+)/g, '').split('\n')).toEqual([
      '/tmp tmpfs rw,nosuid,nodev,relatime,size=1024k', '/opt/airflow/logs tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k,mode=755', '0 1777', '0 755',
    ]);
  });

  test('a volume is the superuser\'s until one of its containers opens it to others, and what was mounted read-only stays that', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk, { mode: 0o755 });
    const mounted = (isWritable: boolean) => ({ readonlyRootFilesystem: true, volumes: [{ host: disk, container: '/tmp', writable: isWritable }] });
    const write = '(echo content > /tmp/file) 2>&1; cat /tmp/file 2>/dev/null';

    // rootless there is one user, who has all numbers
    if (level === 'root') expect(await inside(write, mounted(true))).toBe('sh: 1: cannot create /tmp/file: Permission denied');
    await inside('chmod 1777 /tmp', { ...mounted(true), uid: 0 });
    expect(await inside(`stat -c '%u %a' /tmp; ${write}`, mounted(true))).toBe(`${level === 'root' ? 0 : 50000} 1777\ncontent`);
    expect(await inside('(: > /tmp/file) 2>&1; cat /tmp/file', mounted(false))).toBe('sh: 1: cannot create /tmp/file: Read-only file system\ncontent');
    expect(await writable(mounted(true))).toEqual(['/tmp', '/dev/shm', '/dev/null']);
  });

  test('programs below a tmpfs are there, and cannot be written to', async () => {
    // the test's own folder is below /tmp
    const program = join(folder, 'program');
    mkdirSync(program, { recursive: true, mode: 0o777 });
    writeFileSync(join(program, 'file'), 'content');
    const more = { directories: [{ host: program, container: program, writable: false }], workingDirectory: '/', tmpfs: [{ containerPath: '/tmp', size: 1, mountOptions: [] }] };
    expect(program).toMatch(/^\/tmp\//);
    expect(await inside(`cat ${program}/file; echo; (: > ${program}/file) 2>&1; : > /tmp/x`, { ...more, readonlyRootFilesystem: true }))
      .toBe(`content\nsh: 1: cannot create ${program}/file: Read-only file system`);
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
    const base = containers.spec('container', 'x', '');
    const output = await inside(`cd '${program}' && pwd; (: > x) 2>&1`, { directories: [...base.directories, { host: program, container: program, writable: false }] });
    expect(output).toBe(`${program}\nsh: 1: cannot create x: Read-only file system`);
    expect(readdirSync(program)).toEqual([]);
  });

  test('fails clearly when a directory does not exist', async () => {
    const base = containers.spec('container', 'missing', '');
    await expect(containers.order('start', { ...base, directories: [...base.directories, { host: '/no/such', container: '/x', writable: false }] })).rejects.toThrow('/no/such');
  });
});

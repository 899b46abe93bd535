import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Directory, Tmpfs } from './isolation';
import { TOOL_PATH } from './probe';

/** Of the host's /etc only what programs cannot do without; names, users and the resolver are the container's own. */
const ETC = ['alternatives', 'ca-certificates', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'mime.types', 'pki', 'protocols', 'services', 'ssl'];
const PROGRAMS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** What a user may write to in every image, where its root is not read-only. */
const SCRATCH = ['/tmp', '/var/tmp', '/run'].map((containerPath): Tmpfs => ({ containerPath, size: 1024, mountOptions: ['exec'] }));
const DEVICES = ['full', 'null', 'random', 'tty', 'urandom', 'zero'];

export interface ContainerRoot {
  /** Empty folder in the engine's private /run. */
  readonly mountPoint: string;
  /** Of its own in /etc: `hosts`, `hostname`, `passwd`, … */
  readonly etc: readonly string[];
  readonly hostName: string;
  readonly dumbInit: string;
  readonly workingDirectory: string;
  readonly directories: readonly Directory[];
  readonly volumes: readonly Directory[];
  readonly readonlyRootFilesystem: boolean;
  readonly tmpfs: readonly Tmpfs[];
  /** The last command before the container's own: gives up every right. */
  readonly drop: readonly string[];
}

/** Where the init is bound to: the images have it in /usr/bin, which is the host's here. */
export const INIT = '/dumb-init';

/**
 * Script for `sh -ec <script> sh <argv>` in fresh mount, pid, ipc and host name namespaces: builds a root of its own (nothing of the host
 * but programs, read-only), enters it for good and becomes the container's init. Says `ok` on descriptor 3 when all of it worked.
 *
 * `pivot_root`, not `chroot`: the kernel refuses user namespaces in a chroot.
 */
export function containerScript(root: ContainerRoot): string {
  const readOnly = [...root.directories, ...root.volumes].filter(directory => !directory.writable && !/^\/usr(\/|$)/.test(directory.container));
  const writable = writableMounts(root);
  return [
    // the environment is the container's already
    'container_path=${PATH-}',
    `PATH=${TOOL_PATH}`,
    'umask 022',
    'folder() { mkdir -p "./$2"; mount --rbind "$1" "./$2"; }',
    'file() { mkdir -p "./${2%/*}"; : > "./$2"; mount --bind "$1" "./$2"; }',
    `mount -t tmpfs -o mode=755,size=16m root ${quote(root.mountPoint)}`,
    `cd ${quote(root.mountPoint)}`,
    'mkdir -p dev etc home old opt proc root run tmp var/tmp',
    ...root.directories.filter(directory => directory.writable).map(({ container }) => `mkdir -p ${quote(`.${container}`)}`),
    // before the programs, which may be below /tmp
    ...writable.flatMap(({ path, mount }) => [`mkdir -p ${quote(`.${path}`)}`, `mount ${mount} ${quote(`.${path}`)}`]),
    'folder /usr usr',
    ...PROGRAMS.flatMap(programs),
    ...ETC.filter(name => existsSync(`/etc/${name}`)).map(name => bind(`/etc/${name}`, `etc/${name}`)),
    ...root.etc.map(file => bind(file, `etc/${basename(file)}`)),
    bind(root.dumbInit, INIT),
    ...readOnly.map(directory => bind(directory.host, directory.container)),
    // Every mount on its own: a read-only root does not reach the mounts below it. Flags that a user namespace must not drop are repeated.
    `findmnt -nrRo VFS-OPTIONS,TARGET ${quote(root.mountPoint)} | sed '1d; s/\\\\x20/ /g' | while read -r options target; do`,
    ...writable.map(({ path }) => `  case $target in "$PWD"${quote(path)}) continue;; esac`),
    '  mount -o "remount,bind,$options,ro,nosuid,nodev" "$target"',
    'done',
    'mount -t proc -o nosuid,nodev,noexec proc proc',
    // files of the superuser, whom a container's user may be
    'mount --bind proc/sys proc/sys',
    'mount -o remount,bind,ro,nosuid,nodev,noexec proc/sys',
    'mount -t tmpfs -o nosuid,mode=755,size=64k dev dev',
    ...DEVICES.map(device => bind(`/dev/${device}`, `dev/${device}`)),
    'ln -s /proc/self/fd dev/fd',
    'ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr',
    'mkdir dev/shm',
    'mount -t tmpfs -o nosuid,nodev,mode=1777,size=64m shm dev/shm',
    'mount -o remount,bind,ro,nosuid dev',
    `hostname ${root.hostName}`,
    'pivot_root . old',
    'cd /',
    // -n: no notes in the container's /run
    'umount -nl old',
    'rmdir old',
    'mount -no remount,bind,ro,nosuid,nodev /',
    `cd ${quote(root.workingDirectory)}`,
    'echo ok >&3',
    // looked up before PATH is the container's
    `set -- ${root.drop.map(quote).join(' ')} "$(command -v env)" "PATH=$container_path" ${INIT} -- "$@"`,
    'exec "$@" 3>&-',
  ].join('\n');
}

interface WritableMount {
  readonly path: string;
  /** Arguments of `mount`. */
  readonly mount: string;
}

/** What the container may write to, parents first. */
function writableMounts({ directories, volumes, readonlyRootFilesystem, tmpfs }: ContainerRoot): WritableMount[] {
  const ofImage = readonlyRootFilesystem ? [] : [
    ...directories.filter(({ writable }) => writable).map(bindMount),
    ...SCRATCH.map(tmpfsMount),
  ];
  const ofTask = [...tmpfs.map(tmpfsMount), ...volumes.filter(({ writable }) => writable).map(bindMount)];
  return [...ofImage.filter(({ path }) => !ofTask.some(mount => mount.path === path)), ...ofTask]
    .sort((one, other) => one.path < other.path ? -1 : 1);
}

function bindMount({ host, container }: Directory): WritableMount {
  return { path: container, mount: `--bind -o nosuid,nodev ${quote(host)}` };
}

/** It is the superuser's. As with container runtimes everybody may write where the images let everybody. */
function tmpfsMount({ containerPath, size, mountOptions }: Tmpfs): WritableMount {
  const mode = SCRATCH.some(scratch => scratch.containerPath === containerPath) ? 1777 : 755;
  return { path: containerPath, mount: `-t tmpfs -o ${['noexec', ...mountOptions, 'nosuid', 'nodev', `mode=${mode}`, `size=${size}m`].join(',')} tmpfs` };
}

/** /bin and the like: links into /usr on today's distributions, folders on older ones. */
function programs(name: string): string[] {
  if (!existsSync(`/${name}`)) return [];
  return lstatSync(`/${name}`).isSymbolicLink() ? [`ln -s ${quote(readlinkSync(`/${name}`))} ${name}`] : [`folder /${name} ${name}`];
}

function bind(host: string, container: string): string {
  return `${statSync(host).isDirectory() ? 'folder' : 'file'} ${quote(host)} ${quote(container)}`;
}

/** For a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

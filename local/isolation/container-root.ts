import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Directory } from './isolation';
import { TOOL_PATH } from './probe';

/** Of the host's /etc only what programs cannot do without; names, users and the resolver are the container's own. */
const ETC = ['alternatives', 'ca-certificates', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'mime.types', 'pki', 'protocols', 'services', 'ssl'];
const PROGRAMS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** Empty, in memory, writable. */
const SCRATCH = ['tmp', 'var/tmp', 'run'];
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
  const readOnly = root.directories.filter(directory => !directory.writable && !/^\/usr(\/|$)/.test(directory.container));
  const writable = root.directories.filter(directory => directory.writable);
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
    // before the folders that a container is given: those may be below /tmp
    ...SCRATCH.map(folder => `mount -t tmpfs -o nosuid,nodev,mode=1777,size=1g ${folder} ${folder}`),
    'folder /usr usr',
    ...PROGRAMS.flatMap(programs),
    ...ETC.filter(name => existsSync(`/etc/${name}`)).map(name => bind(`/etc/${name}`, `etc/${name}`)),
    ...root.etc.map(file => bind(file, `etc/${basename(file)}`)),
    bind(root.dumbInit, INIT),
    ...readOnly.map(directory => bind(directory.host, directory.container)),
    // Every mount on its own: a read-only root does not reach the mounts below it. Flags that a user namespace must not drop are repeated.
    `findmnt -nrRo VFS-OPTIONS,TARGET ${quote(root.mountPoint)} | sed '1d; s/\\\\x20/ /g' | while read -r options target; do`,
    `  case $target in ${SCRATCH.map(folder => `"$PWD/${folder}"`).join(' | ')}) continue;; esac`,
    '  mount -o "remount,bind,$options,ro,nosuid,nodev" "$target"',
    'done',
    ...writable.flatMap(directory => [
      `mkdir -p ${quote('.' + directory.container)}`,
      `mount --bind -o nosuid,nodev ${quote(directory.host)} ${quote('.' + directory.container)}`,
    ]),
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

/** /bin and the like: links into /usr on today's distributions, folders on older ones. */
function programs(name: string): string[] {
  if (!existsSync(`/${name}`)) return [];
  return lstatSync(`/${name}`).isSymbolicLink() ? [`ln -s ${quote(readlinkSync(`/${name}`))} ${name}`] : [`folder /${name} ${name}`];
}

function bind(host: string, container: string): string {
  return `${statSync(host).isDirectory() ? 'folder' : 'file'} ${quote(host)} ${quote(container)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

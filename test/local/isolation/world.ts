import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IsolationLevel } from '../../../local/isolation/isolation';
import { enterCommand } from '../../../local/isolation/probe';

/** A Python interpreter that lives in a network of its own, with world.py's Internet around it. */
export function pythonOfTheWorld(level: IsolationLevel, python: string, folder: string): string {
  const program = join(folder, 'python-of-the-world');
  const command = [...enterCommand(level), python, join(__dirname, 'world.py'), join(folder, 'resolv.conf'), program];
  writeFileSync(program, `#!/bin/sh
[ -n "$IN_THE_WORLD" ] && exec '${python}' "$@"
IN_THE_WORLD=1 exec ${command.map(word => `'${word}'`).join(' ')} "$@"
`);
  chmodSync(program, 0o755);
  return program;
}

import pc from 'picocolors';
import { openApp, type GlobalOptions } from './app';
import { ControlClient } from '../engine/control-client';
import { UserError } from '../errors';
import { verifyAccess } from '../verify/access';
import { verifyReach } from '../verify/reach';
import type { Section, Verify } from '../verify/section';

export interface VerifyOptions extends GlobalOptions {
  readonly json?: boolean;
}

const SECTIONS: readonly Verify[] = [verifyReach, verifyAccess];

/** Compares a running stack with what its template says; the exit code is 1 when anything differs or nothing could be tried. */
export async function verify(options: VerifyOptions): Promise<number> {
  const { folders, stack } = openApp(options);
  const client = new ControlClient(folders.run);
  const { deployment } = await client.status();
  if (!deployment) {
    throw new UserError('it is still starting: wait until everything is healthy');
  }
  const sections: Section[] = [];
  for (const section of SECTIONS) {
    sections.push(await section(stack, client));
  }
  if (options.json) {
    console.log(JSON.stringify(sections.map(({ details, lines: _lines, ...section }) => ({ ...section, ...details })), undefined, 2));
  } else {
    sections.forEach(print);
  }
  const tried = sections.filter(({ impossible }) => impossible === undefined);
  return tried.length > 0 && tried.every(({ differences }) => differences.length === 0) ? 0 : 1;
}

function print({ title, lines, differences, impossible }: Section): void {
  console.log(`${pc.bold(title)}\n`);
  if (impossible !== undefined) {
    console.log(pc.yellow(impossible));
    return;
  }
  console.log(lines.map(line => `  ${line}`).join('\n'));
  console.log(differences.length === 0 ? pc.green('\nas the template says') : `\n${differences.map(difference => pc.red(difference)).join('\n')}`);
}

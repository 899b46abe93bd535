import { packageFile } from './package-files';

/** Put in front of a command line: nothing of it outlives whoever holds the other end of descriptor 3. See supervisor.py. */
export function superviseCommand({ executable }: { readonly executable: string }, aliveSocket?: string): string[] {
  return [executable, '-IS', packageFile('install/supervisor.py'), ...aliveSocket === undefined ? [] : ['--alive', aliveSocket]];
}

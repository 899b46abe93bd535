import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { tool, TOOL_PATH } from './probe';
import { exitCode } from './process';

/** Output of a system's tool; fails with what it says when it fails. */
export async function runTool(name: string, args: string[], input = ''): Promise<string> {
  const child = spawn(tool(name), args, { env: { PATH: TOOL_PATH }, stdio: 'pipe' });
  child.stdin.on('error', () => {}); // it need not read its input
  child.stdin.end(input);
  const [code, output, errors] = await Promise.all([exitCode(child), text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${errors.trim()}`);
  return output;
}

import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { HANGS_SECONDS } from './cloudformation';

const CDK = path.join(__dirname, '..', '..', 'node_modules', '.bin', 'cdk');

export interface CdkRun {
  readonly code: number | null;
  /** Standard output and error. */
  readonly output: string;
}

/** Runs the CDK command line on a cloud assembly. */
export async function cdk(assembly: string, ...args: string[]): Promise<CdkRun> {
  const child = spawn(CDK, ['--app', assembly, '--no-notices', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', data => { output += data; });
  child.stderr.on('data', data => { output += data; });
  const timer = setTimeout(() => {
    output += `\nstopped after ${HANGS_SECONDS} s`;
    child.kill();
  }, HANGS_SECONDS * 1000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    return { code, output };
  } finally {
    clearTimeout(timer);
  }
}

/** Deploys a stack; fails if CloudFormation does. Returns what the command printed. */
export async function deploy(assembly: string, stackName: string, ...options: string[]): Promise<string> {
  return succeed(await cdk(assembly, 'deploy', stackName, '--require-approval', 'never', '--progress', 'events', ...options));
}

/** Deploys a stack, which has to fail. Returns what the command printed. */
export async function failToDeploy(assembly: string, stackName: string, ...options: string[]): Promise<string> {
  return fail(await cdk(assembly, 'deploy', stackName, '--require-approval', 'never', '--progress', 'events', ...options));
}

/** Destroys a stack, which has to fail. Returns what the command printed. */
export async function failToDestroy(assembly: string, stackName: string): Promise<string> {
  return fail(await cdk(assembly, 'destroy', stackName, '--force'));
}

function fail({ code, output }: CdkRun): string {
  if (code === 0) {
    throw new Error(`cdk should have failed\n${output}`);
  }
  return output;
}

export async function destroy(assembly: string, stackName: string): Promise<void> {
  succeed(await cdk(assembly, 'destroy', stackName, '--force'));
}

function succeed({ code, output }: CdkRun): string {
  if (code !== 0) {
    throw new Error(`cdk ended with ${code}\n${output.split('\n').slice(-25).join('\n')}`);
  }
  return output;
}

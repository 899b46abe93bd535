/** What only the local AWS has: how tasks end that are started with ecs:RunTask. */
export const endpoint = process.env.AWS_ENDPOINT_URL;

export interface LocalTask {
  readonly family: string;
  readonly task: string;
  readonly startedBy: string;
  readonly status: string;
  readonly exitCode: number;
}

/** From now on tasks whose family contains this text end so. */
export async function tasksEnd(family: string, code: number, afterSeconds: number): Promise<void> {
  await ask(`task-exit?match=${encodeURIComponent(family)}&code=${code}&after=${afterSeconds}`);
}

/** Tasks whose family contains this text, oldest first. */
export async function tasks(family: string): Promise<LocalTask[]> {
  const all = await (await ask('tasks')).json() as LocalTask[];
  return all.filter(task => task.family.includes(family));
}

/** Of a resource of a stack, as they were given to its service. */
export async function properties(stackName: string, logicalId: string): Promise<Record<string, unknown>> {
  const all = await (await ask(`resources?stack=${stackName}`)).json() as Record<string, { props: Record<string, unknown> }>;
  return all[logicalId].props;
}

async function ask(path: string): Promise<Response> {
  const response = await fetch(`${endpoint}/_localcfn/${path}`);
  if (!response.ok) {
    throw new Error(`${path}: status ${response.status}`);
  }
  return response;
}

/** The cycle makes tasks fail, and leaves data behind on purpose: it must never meet a real account. */
export async function requireLocalAws(): Promise<void> {
  if (!endpoint || !['127.0.0.1', 'localhost'].includes(new URL(endpoint).hostname)) {
    throw new Error('the cycle runs against a local AWS only: start it by `npx projen integ:cycle`');
  }
  await ask('tasks');
}

import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from './access-keys';

/** Something that a component may not do, however often it tried: the objects of a bucket and the streams of a log group count as one. */
export interface Denial {
  /** `worker`, `lambda/<logical id>` */
  readonly component: string;
  readonly action: string;
  /** The first one. */
  readonly resource: string;
  readonly reason: string;
  readonly count: number;
}

/** What was refused in this run. Each is noted once in the log of its component. */
export class Denials {
  private readonly all = new Map<string, Denial>();

  constructor(private readonly logFolder: string, private readonly onNew: (denial: Denial) => void = () => {}) {}

  record({ component }: Session, { action, resource, reason }: Pick<Denial, 'action' | 'resource' | 'reason'>, message: string): void {
    if (component === undefined) return;
    const id = [component, action, resource.replace(/(?<=:s3:::[^/]+\/|:log-stream:).*/, '')].join('\n');
    const earlier = this.all.get(id);
    const denial = earlier ? { ...earlier, count: earlier.count + 1 } : { component, action, resource, reason, count: 1 };
    this.all.set(id, denial);
    if (!earlier) {
      const folder = join(this.logFolder, component);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      appendFileSync(join(folder, 'iam.log'), `${new Date().toISOString()} ${message}\n`, { mode: 0o600 });
      this.onNew(denial);
    }
  }

  list(): Denial[] {
    return [...this.all.values()];
  }
}

/** What of a DAG runs in a component, where users look for it in tasks only. */
const RUNS_DAG_CODE: Record<string, string> = {
  'dag-processor': 'DAG files are read there, and callbacks of DAGs and of lost tasks run there: grant it to dagCode',
  'triggerer': 'triggers of deferred tasks run there: grant it to dagCode',
};

export function denialLine({ component, action, resource, reason, count }: Denial): string {
  return `access denied: ${component} may not ${action} on ${resource} ${reason}${count > 1 ? ` (${count} times, this one or others like it)` : ''}${
    component in RUNS_DAG_CODE ? `; ${RUNS_DAG_CODE[component]}` : ''}`;
}

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Phase = 'IN_PROGRESS' | 'COMPLETE' | 'FAILED';

/** By CloudFormation's names. */
export type StackStatus =
  | `${'CREATE' | 'UPDATE' | 'DELETE' | 'ROLLBACK' | 'UPDATE_ROLLBACK'}_${Phase}`
  | `${'UPDATE' | 'UPDATE_ROLLBACK'}_COMPLETE_CLEANUP_IN_PROGRESS`
  | 'REVIEW_IN_PROGRESS';

/** Those of CloudFormation, and `START`: a new engine brings back what an earlier one has made. */
export type ResourceStatus = `${'CREATE' | 'UPDATE' | 'DELETE' | 'START'}_${Phase}` | 'DELETE_SKIPPED';

export interface ResourceEvent {
  readonly logicalId: string;
  readonly type: string;
  /** Construct path, where known. */
  readonly path?: string;
  readonly status: ResourceStatus;
  readonly physicalId?: string;
  /** Since it began. */
  readonly seconds?: number;
  readonly reason?: string;
}

export interface StackEvent extends Omit<ResourceEvent, 'status'> {
  /** ISO 8601 */
  readonly time: string;
  readonly status: ResourceStatus | StackStatus;
}

export const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** What happened to a stack and its resources, the oldest first, in a file that outlives the engine. */
export class StackEvents {
  private readonly file: string;

  constructor(private readonly stackName: string, private readonly stackId: string, folder: string) {
    this.file = eventsFile(folder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  ofResource(event: ResourceEvent): void {
    if (!event.status.startsWith('START')) this.write({ time: new Date().toISOString(), ...event });
  }

  ofStack(status: StackStatus, reason?: string): void {
    const about = { logicalId: this.stackName, type: STACK_TYPE, physicalId: this.stackId };
    this.write({ time: new Date().toISOString(), ...about, status, ...reason !== undefined && { reason } });
  }

  private write(event: StackEvent): void {
    appendFileSync(this.file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
  }
}

export function readEvents(folder: string): StackEvent[] {
  const file = eventsFile(folder);
  return existsSync(file) ? readFileSync(file, 'utf-8').split('\n').filter(Boolean).map(line => JSON.parse(line) as StackEvent) : [];
}

function eventsFile(folder: string): string {
  return join(folder, 'events.jsonl');
}

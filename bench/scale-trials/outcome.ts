import type { Messages } from './redis-watch';
import type { TaskInstance } from '../../local/airflow-api';
import { table } from '../../tools/table';

/** What became of the tasks of one trial. */
export interface Outcome {
  readonly kind: string;
  readonly tasks: number;
  /** They have not ended. */
  readonly lost: number;
  /** They have failed, or were tried again though nobody killed their worker. */
  readonly killed: number;
  /** Tried again because their worker was killed. */
  readonly retried: number;
  /** Started more often than tried. */
  readonly twice: number;
  /** Messages that Redis keeps as taken by somebody, though all tasks have ended. */
  readonly stuck: number;
  /** Whether what was to happen in between has happened. */
  readonly hit: boolean;
}

/** @param starts how often tasks of the trial have started */
export function outcomeOf(
  kind: string, hit: boolean, workerKilled: boolean, tasks: readonly TaskInstance[], starts: number, messages: Messages, before: Messages,
): Outcome {
  const count = (matches: (task: TaskInstance) => boolean) => tasks.filter(matches).length;
  const retried = count(({ state, try_number: attempt }) => state === 'success' && attempt > 1);
  const tries = tasks.reduce((sum, task) => sum + Math.max(1, task.try_number), 0);
  return {
    kind,
    hit,
    tasks: tasks.length,
    lost: count(({ state }) => state !== 'success' && state !== 'failed'),
    killed: count(({ state }) => state === 'failed') + (workerKilled ? 0 : retried),
    retried: workerKilled ? retried : 0,
    twice: Math.max(0, starts - tries),
    stuck: Math.max(0, messages.waiting + messages.taken - before.waiting - before.taken),
  };
}

export function isGood({ lost, killed, twice, stuck }: Outcome): boolean {
  return lost + killed + twice + stuck === 0; // not if one is unknown
}

/** One line for each kind, and one for all. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const line = (name: string, some: readonly Outcome[]) => {
    const sum = (figure: 'tasks' | 'lost' | 'killed' | 'retried' | 'twice' | 'stuck') => String(some.reduce((total, outcome) => total + outcome[figure], 0));
    return [name, String(some.length), String(some.filter(({ hit }) => hit).length), ...(['tasks', 'lost', 'killed', 'stuck', 'twice', 'retried'] as const).map(sum)];
  };
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
  const headings = ['what happens', 'trials', 'in time', 'tasks', 'lost', 'killed', 'stuck', 'started twice', 'tried again'];
  return table(headings, [...kinds.map(name => line(name, outcomes.filter(({ kind }) => kind === name))), line('all', outcomes)], headings.slice(1));
}

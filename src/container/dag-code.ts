import { airflowCommand } from './airflow-command';
import { pythonProgram } from '../python-program';

const FORGET_SECRETS = pythonProgram('container/forget_secrets.py');

/** How a component starts that runs code of DAGs. */
export interface DagCodeStart {
  /** Names of variables that this code does not get. */
  readonly secrets: string[];
  /** Programs that come before Airflow's own. */
  readonly programs: string[];
}

/**
 * The command of a component that runs code of DAGs, in processes that it forks: their environment has no secrets, or each DAG that prints it
 * would show them to all who read its log, where Airflow masks only what a task has asked for. The component itself has them. It does not keep
 * them from code that looks for them: the memory of its parent is open to it.
 *
 * @param command arguments of `airflow`
 */
export function dagCodeCommand(command: string[], { secrets, programs }: DagCodeStart): string[] {
  return airflowCommand([secrets.join(','), ...command], [FORGET_SECRETS, ...programs]);
}

import { pythonProgram } from '../python-program';

const FORGET_SECRETS = pythonProgram('container/forget_secrets.py');

/**
 * The command of a component that runs code of DAGs, in processes that it forks: their environment has no secrets, or each DAG that prints it
 * would show them to all who read its log, where Airflow masks only what a task has asked for. The component itself has them. It does not keep
 * them from code that looks for them: the memory of its parent is open to it.
 *
 * @param command arguments of `airflow`
 * @param secrets names of variables
 */
export function dagCodeCommand(command: string[], secrets: string[]): string[] {
  return ['python', '-c', FORGET_SECRETS, secrets.join(','), ...command];
}

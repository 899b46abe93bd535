import { pythonProgram } from '../python-program';

const FORGET_PASSWORDS = pythonProgram('container/forget_passwords.py');

/**
 * The command of a component that runs code of DAGs, in processes that it forks: their environment has no passwords, or each DAG that prints it
 * would show them to all who read its log. The component itself has read them by then. It does not keep them from code that looks for them: the
 * memory of its parent is open to it.
 *
 * @param command arguments of `airflow`
 * @param passwords names of variables
 */
export function dagCodeCommand(command: string[], passwords: string[]): string[] {
  return ['python', '-c', FORGET_PASSWORDS, passwords.join(','), ...command];
}

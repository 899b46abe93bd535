const MAIN = 'from airflow.__main__ import main\nmain()\n';

/**
 * The command of `airflow`, with changes to it.
 *
 * @param argv arguments of `airflow`
 * @param programs that come before it, in its process
 */
export function airflowCommand(argv: string[], programs: string[]): string[] {
  return ['python', '-c', [...programs, MAIN].join('\n'), ...argv];
}

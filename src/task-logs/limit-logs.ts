import { pythonProgram } from '../python-program';

/**
 * A task that logs without end does not take the room from others, without which none of them starts: a log of more than a MiB ends, with a line that
 * says so, where less than a quarter of the folder is free, and its task goes on. For logs of tasks, callbacks and triggers, which Airflow writes with
 * this class. Where the folder is on no disk of the container's own nothing is limited.
 */
export const LIMIT_LOGS = pythonProgram('task-logs/limit_logs.py');

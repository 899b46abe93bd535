import { pythonProgram } from '../python-program';

/**
 * A log that is in S3 is deleted alone. Airflow's handler deletes its folder, in which the next try of a task writes already when that begins before
 * the upload of the last one has ended: what it writes from then on would be lost.
 */
export const DELETE_LOG = pythonProgram('task-logs/delete_log.py');

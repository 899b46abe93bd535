import { pythonProgram } from '../python-program';

/**
 * Sends tasks again that the broker has lost, in the scheduler: Redis keeps nothing on disk, and Airflow itself waits for `task_queued_timeout`, ten
 * minutes. Every ten seconds it asks whether the message of each task that is still queued waits in Redis or is in the hands of a worker; one that is
 * missing twice in a row (between the two a worker takes it along) is sent as it was, with a new token.
 *
 * No task runs twice. A message has the id of the first one, and a task starts only if the database still has it as queued, which its row lock decides:
 * whoever comes second is refused, as with every message that Celery delivers again. What a worker has begun is told by Celery's table of states.
 * When it cannot ask, nothing is sent: Airflow's time-out remains.
 */
export const SEND_AGAIN = pythonProgram('executor/send_again.py');

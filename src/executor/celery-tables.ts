import { pythonProgram } from '../python-program';

/**
 * Goes on where the program has made the databases, with its function `connect`: makes Celery's tables.
 *
 * They are the master user's, because workers and the scheduler meet there: Celery keeps a result as a pickle, and whoever can write one of these
 * executes code in the scheduler, which loads it. Airflow needs no result besides the task's state, so a trigger drops it, and the role that writes
 * there can neither remove the trigger nor make another table.
 *
 * A state is of no use once the scheduler has read it, and nobody else deletes it: `airflow db clean` does not know this database, Celery's own clean-up
 * needs a scheduler of its own. Each new row deletes up to a hundred that have not changed for a week. A task that runs longer gets its row again.
 */
export const CELERY_TABLES = pythonProgram('executor/celery_tables.py');

import { readFileSync } from 'node:fs';
import * as path from 'node:path';

// Python programs of the migration task's containers. Host and port of the database are arguments, secrets are environment variables.
// Their text is part of the template: a comment in a program is a change of the task definition.

/**
 * Makes the two databases and their roles, with the master user's credentials. The master user of RDS is not a superuser: it makes
 * roles and databases, but a database for another owner only as a member of that role. A database name is a role name as well.
 *
 * Airflow owns its metadata database. Celery's results stay the master user's, because workers and the scheduler meet there: Celery keeps a
 * result as a pickle, and whoever can write one of these executes code in the scheduler, which loads it. Airflow needs no result besides the
 * task's state, so a trigger drops it, and the role that writes there can neither remove the trigger nor make another table.
 *
 * Passwords are set in every run, so that changed ones become valid, and as SCRAM verifiers: a server can log statements.
 */
export const DATABASES = program('databases');

/**
 * Creates the first admin user, if there is none of this name. Airflow takes seconds to start, so the table is asked first.
 *
 * Airflow's command asks for the password where it is not an argument, and argument lists are not secret.
 */
export const ADMIN = program('admin');

/** Copied from `src` to `assets` when the library is bundled, as the handlers are. */
function program(name: string): string {
  return readFileSync(path.join(__dirname, '..', '..', 'assets', 'migration', `${name}.py`), 'utf-8');
}

import { CELERY_TABLES } from '../executor/celery-tables';
import { pythonProgram } from '../python-program';

// Host and port of the database are arguments, secrets and the mode of TLS are environment variables.

/**
 * Makes the two databases and their roles, with the master user's credentials. The master user of RDS is not a superuser: it makes
 * roles and databases, but a database for another owner only as a member of that role. A database name is a role name as well.
 *
 * Airflow owns its metadata database. That of results stays the master user's, who then makes the tables of the executor in it.
 *
 * Passwords are set in every run, so that changed ones become valid, and as SCRAM verifiers: a server can log statements.
 */
export const DATABASES = `${pythonProgram('migration/databases.py')}\n${CELERY_TABLES}`;

/**
 * Creates the first admin user, if there is none of this name. Airflow takes seconds to start, so the table is asked first.
 *
 * Airflow's command asks for the password where it is not an argument, and argument lists are not secret.
 */
export const ADMIN = pythonProgram('migration/admin.py');

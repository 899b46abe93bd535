import { pythonProgram } from '../python-program';

/**
 * Lets Airflow go on where its copy of a DAG folder stands in the way of a change: a file that became a folder, or the other way round. Without it each
 * refresh ends there, for ever, and so does each task of a worker that has the old copy. A folder that cannot be fetched for another reason is shown
 * in the web interface as an import error, which goes when it could be fetched.
 */
export const REFRESH = pythonProgram('dags/refresh.py');

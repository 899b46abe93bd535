/** The Airflow version whose packages are locked in `local/data`. */
export const AIRFLOW_VERSION = '3.3.2';

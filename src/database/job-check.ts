import { sslMode } from './connections';
import type { IAirflowDatabase } from './database';
import { pythonCommand } from '../secrets/secret-url';

/** Whether the job of this component, on this address, has written its heartbeat within the last minute. */
export function jobCheck(jobType: string, database: IAirflowDatabase): string {
  return pythonCommand([
    'import os,sys,socket as s,psycopg2 as p',
    `c=p.connect(host='${database.hostname}',port=${database.port},dbname='airflow',user='airflow',`
      + `password=os.environ['AIRFLOW_DB_PASSWORD'],sslmode='${sslMode(database)}',connect_timeout=5).cursor()`,
    "c.execute('select 1 from job where job_type=%s and state=%s and hostname=%s and latest_heartbeat>now()-cast(%s as interval)',"
      + `('${jobType}','running',s.gethostbyname(s.gethostname()),'60 s'))`,
    'sys.exit(c.fetchone() is None)',
  ].join(';'));
}

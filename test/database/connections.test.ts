import { AirflowCluster } from '../../src/cluster/airflow-cluster';
import { AirflowDatabase } from '../../src/database/airflow-database';
import { metadataDatabase } from '../../src/database/connections';
import { AirflowSecrets } from '../../src/secrets/airflow-secrets';
import { AirflowVersion } from '../../src/version/airflow-version';
import { newStack } from '../private/stack';

const TCP_OPTIONS = 'connect_timeout=10&keepalives_idle=20&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=30000';

const stack = newStack();
const database = new AirflowDatabase(stack, 'Database', { vpc: new AirflowCluster(stack, 'Cluster').vpc });
const { database: password } = new AirflowSecrets(stack, 'Secrets');

/** Driver and options of the two URLs. */
function urls(version: string): string[] {
  const { environment } = metadataDatabase(database, password, AirflowVersion.of(version));
  return ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC'].map(name => environment![name]!.replace(/:\/\/.*\?/, ' '));
}

test.each(['3.1.0', '3.3.2'])('Airflow %s uses asyncpg, which takes no options of TCP, for the few requests of its async engine', version => {
  expect(urls(version)).toEqual([`postgresql+psycopg2 sslmode=require&${TCP_OPTIONS}`, 'postgresql+asyncpg ssl=require']);
});

test.each(['3.4.0', '3.10.0', '3.99.0'])('Airflow %s, whose heartbeats use the async engine, gives up dead connections there as well', version => {
  expect(urls(version)).toEqual([`postgresql+psycopg2 sslmode=require&${TCP_OPTIONS}`, `postgresql+psycopg_async sslmode=require&${TCP_OPTIONS}`]);
});

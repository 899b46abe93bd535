import { CfnParameter } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AirflowCluster, AirflowDatabase, AirflowSecret, AirflowSecrets, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { Container, SynthesizedStack } from '../private/template';

const CA = '/etc/ssl/rds.pem';
const METADATA = ['admin', 'dag-processor', 'migrate', 'scheduler', 'triggerer', 'web-server'];

function synthesize(caBundle: string | undefined, password?: AirflowSecret): Record<string, Container> {
  const stack = newStack();
  const cluster = new AirflowCluster(stack, 'Cluster');
  new ServerlessAirflow(stack, 'Airflow', {
    cluster,
    database: new AirflowDatabase(stack, 'Database', { vpc: cluster.vpc, caBundle }),
    secrets: new AirflowSecrets(stack, 'Secrets', { database: password, resultDatabase: password }),
  });
  return new SynthesizedStack(stack).containers;
}

describe('with a bundle of authorities', () => {
  const containers = synthesize(CA);
  const having = (text: string) => Object.entries(containers)
    .filter(([, { environment }]) => Object.values(environment).some(value => value.includes(text)))
    .map(([name]) => name)
    .sort();

  test('every URL of psycopg2 names it and verifies the host name', () => {
    expect(having('postgresql+psycopg2://')).toEqual([...METADATA, 'worker'].sort());
    expect(having(`?sslmode=verify-full&sslrootcert=${CA}&connect_timeout=10`)).toEqual([...METADATA, 'worker'].sort());
    expect(having('sslmode=require')).toEqual([]);
  });

  test('asyncpg, which takes the file from the environment only, verifies as well', () => {
    expect(having('postgresql+asyncpg://')).toEqual(METADATA);
    expect(METADATA.map(name => containers[name].environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC.replace(/^.*\?/, ''))).toEqual(METADATA.map(() => 'ssl=verify-full'));
  });

  test('not where DAGs run: there it would count for their connections, too', () => {
    const given = Object.keys(containers).filter(name => 'PGSSLROOTCERT' in containers[name].environment);

    expect(given.sort()).toEqual([...METADATA, 'databases'].sort());
    expect(new Set(given.map(name => containers[name].environment.PGSSLROOTCERT))).toEqual(new Set([CA]));
  });

  test('health checks verify, too', () => {
    for (const name of ['dag-processor', 'triggerer']) {
      expect(containers[name].healthCheck).toContain("sslmode='verify-full',connect_timeout=5");
    }
  });
});

test('without one connections are encrypted and not verified', () => {
  const containers = synthesize(undefined);

  expect(containers.scheduler.environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN).toContain('?sslmode=require&');
  expect(containers.triggerer.healthCheck).toContain("sslmode='require',connect_timeout=5");
  expect(JSON.stringify(Object.values(containers).map(({ environment }) => environment))).not.toMatch(/verify-full|PGSSLROOTCERT/);
});

test('passwords that are brought: what makes the URLs verifies', () => {
  const password = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(newStack('Other'), 'Secret', 'brought'));
  const { worker, scheduler } = synthesize(CA, password);

  expect(worker.environment.AIRFLOW__CELERY__RESULT_BACKEND_CMD).toContain(`sslmode=verify-full&sslrootcert=${CA}&`);
  expect(scheduler.environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD).toContain(`sslmode=verify-full&sslrootcert=${CA}&`);
  expect(scheduler.environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD).toContain('?ssl=verify-full');
});

describe('a database that is brought', () => {
  const stack = newStack();
  const masterSecret = secretsmanager.Secret.fromSecretNameV2(stack, 'Master', 'master');
  const instance = rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Instance', {
    instanceIdentifier: 'existing', instanceEndpointAddress: 'existing.example.com', port: 5432, securityGroups: [],
  });
  const bring = (id: string, caBundle: string) => AirflowDatabase.fromInstance(stack, id, { instance, masterSecret, caBundle });

  test('has one, too', () => {
    expect(bring('Database', CA).caBundle).toBe(CA);
  });

  test.each(['rds.pem', '', '/etc/rds ca.pem', "/etc/'.pem", '/etc/a&b.pem'])('fails with %j', caBundle => {
    expect(() => bring(`Malformed${caBundle.length}`, caBundle))
      .toThrow(`caBundle must be an absolute path of letters, digits, "_", "-", "." and "/", got ${JSON.stringify(caBundle)}`);
  });

  test('a token passes', () => {
    expect(() => bring('Token', new CfnParameter(stack, 'Path').valueAsString)).not.toThrow();
  });
});

import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AirflowBroker, AirflowBrokerExistingOptions, AirflowSecret, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const secrets = newStack();
const secret = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(secrets, 'Password', 'redis'));

function synthesize(options: (stack: ReturnType<typeof newStack>) => Partial<AirflowBrokerExistingOptions>): SynthesizedStack {
  const stack = newStack();
  const password = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Password', 'redis'));
  new ServerlessAirflow(stack, 'Airflow', { broker: AirflowBroker.existing({ host: 'redis.example.com', secret: password, ...options(stack) }) });
  return new SynthesizedStack(stack);
}

describe('an existing server', () => {
  const synthesized = synthesize(() => ({}));

  test('is asked with TLS and its own password, percent-encoded', () => {
    const { environment, secrets: { AIRFLOW_REDIS_PASSWORD } } = synthesized.containers.worker;

    expect(environment.AIRFLOW__CELERY__BROKER_URL_CMD).toBe('python -c "import os,urllib.parse as p;print(\'rediss://:\'+p.quote(os.environ[\'AIRFLOW_REDIS_PASSWORD\'],safe=\'\')'
      + '+\'@redis.example.com:6379/0?ssl_cert_reqs=required&ssl_check_hostname=true\',end=\'\')"');
    expect(AIRFLOW_REDIS_PASSWORD).toMatch(/:secret:redis$/);
  });

  test('has nothing made for it, and no password that nobody uses', () => {
    const descriptions = synthesized.ofType('AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties.Description);

    expect(descriptions).not.toContain('Airflow: password of the Celery broker');
    expect(Object.keys(synthesized.containers)).not.toContain('redis');
  });

  test('is at an unknown address: its clients may connect to its port anywhere', () => {
    expect(synthesized.connections().filter(connection => connection.endsWith(':6379'))).toEqual(
      ['flower', 'scheduler', 'worker'].map(client => `Airflow: ${client} -> 0.0.0.0/0:6379`),
    );
  });
});

test('port, without TLS, with the security groups of the server as told', () => {
  const synthesized = synthesize(stack => ({
    port: 6380, tls: false, securityGroups: [new ec2.SecurityGroup(stack, 'Redis', { vpc: new ec2.Vpc(stack, 'Vpc'), description: 'Redis', allowAllOutbound: false })],
  }));

  expect(synthesized.containers.worker.environment.AIRFLOW__CELERY__BROKER_URL_CMD).toContain("'@redis.example.com:6380/0'");
  expect(synthesized.containers.worker.environment.AIRFLOW__CELERY__BROKER_URL_CMD).toContain("print('redis://:'+");
  expect(synthesized.connections().filter(connection => connection.endsWith(':6380'))).toEqual(
    ['flower', 'scheduler', 'worker'].map(client => `Airflow: ${client} -> Redis:6380`),
  );
});

test.each<[Partial<AirflowBrokerExistingOptions>, string]>([
  [{ host: 'redis://redis.example.com' }, 'property host must be a host name, without scheme, user and port, got "redis://redis.example.com"'],
  [{ host: 'redis.example.com:6379' }, 'property host must be a host name, without scheme, user and port, got "redis.example.com:6379"'],
  [{ host: '' }, 'property host must be a host name, without scheme, user and port, got ""'],
  [{ host: 'clustercfg.jobs.abc123.use1.cache.amazonaws.com' }, 'property host must not be the endpoint of a cluster, got "clustercfg.jobs.abc123.use1.cache.amazonaws.com": '
    + 'Celery takes messages from several keys in one command, which a server with several shards refuses (CROSSSLOT)'],
  [{ host: 'jobs.abc123.clustercfg.use1.cache.amazonaws.com' }, 'property host must not be the endpoint of a cluster'],
  [{ host: 'clustercfg.jobs.abc123.memorydb.us-east-1.amazonaws.com' }, 'property host must not be the endpoint of a cluster'],
  [{ host: 'jobs-abc123.serverless.use1.cache.amazonaws.com' }, 'property host must not be an endpoint of ElastiCache Serverless'],
  [{ host: 'replica.jobs.abc123.use1.cache.amazonaws.com' }, 'property host must not be the endpoint of replicas'],
  [{ host: 'jobs-ro.abc123.ng.0001.use1.cache.amazonaws.com' }, 'property host must not be the endpoint of replicas'],
  [{ port: 0 }, 'property port must be a whole number from 1 to 65535, got 0'],
  [{ port: Lazy.number({ produce: () => 1 }) }, 'property port must be known at synthesis, got a token: rules of security groups need it'],
  [{ securityGroups: [] }, 'property securityGroups must have a security group, got []: leave it out if there is none'],
  [{ secret: undefined }, 'property secret must be an AirflowSecret, for example AirflowSecret.fromSecretsManager(secret), got undefined'],
])('fails for %j', (options, message) => {
  expect(() => AirflowBroker.existing({ host: 'redis.example.com', secret, ...options })).toThrow(message);
});

test.each(['master.jobs.abc123.use1.cache.amazonaws.com', 'jobs.abc123.ng.0001.use1.cache.amazonaws.com', '10.0.3.4', 'redis', 'replica.example.com', Lazy.string({ produce: () => 'x' })])(
  'takes %s', host => {
    expect(() => AirflowBroker.existing({ host, secret })).not.toThrow();
  },
);

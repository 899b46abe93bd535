import { Duration, Lazy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AirflowBroker, AirflowBrokerElastiCacheEngine, AirflowBrokerElastiCacheOptions, AirflowSecret, AirflowSecrets, ServerlessAirflow, WorkerScaling,
} from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack, text } from '../private/template';

const URL = 'rediss://:$AIRFLOW_REDIS_PASSWORD@${AirflowElastiCacheReplicationGroup0C8B9C4F.PrimaryEndPoint.Address}:6379/0?ssl_cert_reqs=required&ssl_check_hostname=true';

describe('Valkey in ElastiCache', () => {
  const stack = newStack();
  const { scheduler } = new ServerlessAirflow(stack, 'Airflow', {
    broker: AirflowBroker.elastiCache(), worker: { scaling: WorkerScaling.onQueue({ minWorkers: 1, maxWorkers: 2 }) },
  });
  const synthesized = new SynthesizedStack(stack);
  const [[id, group]] = synthesized.ofType('AWS::ElastiCache::ReplicationGroup');
  const url = URL.replace(/\$\{\w+/, `\${${id}`);

  test('is one encrypted node with a password that is generated', () => {
    const { CacheParameterGroupName, CacheSubnetGroupName, SecurityGroupIds, AuthToken, ...properties } = group.Properties;

    expect(properties).toEqual({
      ReplicationGroupDescription: 'Airflow: broker',
      Engine: 'valkey',
      EngineVersion: '8.0',
      AutoMinorVersionUpgrade: true,
      CacheNodeType: 'cache.t4g.micro',
      ClusterMode: 'disabled',
      NumCacheClusters: 1,
      AutomaticFailoverEnabled: false,
      MultiAZEnabled: false,
      Port: 6379,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
    });
    expect(text(AuthToken)).toBe(`{{resolve:secretsmanager:\${${synthesized.containers.worker.secrets.AIRFLOW_REDIS_PASSWORD.slice(2, -1)}}:SecretString:::}}`);
    expect(synthesized.resources[CacheParameterGroupName.Ref].Properties).toEqual({
      CacheParameterGroupFamily: 'valkey8', Description: 'Airflow: no message is dropped for another', Properties: { 'maxmemory-policy': 'noeviction' },
    });
    expect(synthesized.resources[CacheSubnetGroupName.Ref].Properties).toEqual({
      Description: 'Airflow: broker', SubnetIds: [1, 2].map(number => ({ Ref: expect.stringContaining(`PrivateSubnet${number}`) })),
    });
    expect(SecurityGroupIds.map((each: any) => synthesized.resources[each['Fn::GetAtt'][0]].Properties.GroupDescription)).toEqual(['Airflow: broker']);
  });

  test('is asked with TLS, certificate and host name verified, by whoever reads the broker', () => {
    const urls = Object.entries(synthesized.containers).map(([name, { environment }]) => [name, environment.AIRFLOW__CELERY__BROKER_URL])
      .filter(([, value]) => value !== undefined);

    expect(Object.fromEntries(urls)).toEqual({ scheduler: url, scaler: url, worker: url, flower: url });
    expect(synthesized.containers.worker.healthCheck).toContain(
      "broker='rediss://:'+p.quote(os.environ['AIRFLOW_REDIS_PASSWORD'],safe='')+'" + url.slice(url.indexOf('@')) + "'",
    );
  });

  test('is reached by scheduler, workers and Flower, and reaches nobody', () => {
    expect(synthesized.connections().filter(connection => connection.includes('Airflow: broker'))).toEqual(
      ['flower', 'scheduler', 'worker'].map(client => `Airflow: ${client} -> Airflow: broker:6379`),
    );
  });

  test('is there before those who need it, and nobody else waits for it', () => {
    const waiting = ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower'].filter(name => synthesized.service(name).DependsOn.includes(id));

    expect(waiting).toEqual(['scheduler', 'worker', 'flower']);
    expect(Object.keys(synthesized.containers)).not.toContain('redis');
    expect(scheduler.node.path).toBe('Stack/Airflow/Scheduler');
  });
});

test('engine, size, replicas and snapshots as told; encrypted with the key of the deployment', () => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', {
    encryptionKey: new kms.Key(stack, 'Key'),
    broker: AirflowBroker.elastiCache({
      engine: AirflowBrokerElastiCacheEngine.REDIS_7, nodeType: 'cache.r7g.large', replicas: 2, multiAz: false, snapshotRetention: Duration.days(3),
    }),
  });
  const synthesized = new SynthesizedStack(stack);
  const [[, { Properties }]] = synthesized.ofType('AWS::ElastiCache::ReplicationGroup');

  expect(Properties).toMatchObject({
    Engine: 'redis',
    EngineVersion: '7.1',
    CacheNodeType: 'cache.r7g.large',
    NumCacheClusters: 3,
    AutomaticFailoverEnabled: true,
    MultiAZEnabled: false,
    SnapshotRetentionLimit: 3,
    KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
  });
  expect(synthesized.ofType('AWS::ElastiCache::ParameterGroup')[0][1].Properties.CacheParameterGroupFamily).toBe('redis7');
});

test('replicas stand in other zones; an existing password is a field of its secret', () => {
  const stack = newStack();
  const broker = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Passwords', 'passwords'), 'broker');
  new ServerlessAirflow(stack, 'Airflow', { secrets: new AirflowSecrets(stack, 'Secrets', { broker }), broker: AirflowBroker.elastiCache({ replicas: 1 }) });
  const [[, { Properties }]] = new SynthesizedStack(stack).ofType('AWS::ElastiCache::ReplicationGroup');

  expect(Properties).toMatchObject({ NumCacheClusters: 2, AutomaticFailoverEnabled: true, MultiAZEnabled: true });
  expect(JSON.stringify(Properties.AuthToken)).toContain(':secret:passwords:SecretString:broker::}}');
});

test.each<[AirflowBrokerElastiCacheOptions, string]>([
  [{ nodeType: 't4g.micro' }, 'property nodeType must be a node type of ElastiCache, for example "cache.t4g.micro", got "t4g.micro"'],
  [{ replicas: 6 }, 'property replicas must be a whole number from 0 to 5, got 6'],
  [{ replicas: Lazy.number({ produce: () => 1 }) }, 'property replicas must be known at synthesis, got a token: automatic fail-over depends on it'],
  [{ multiAz: true }, 'property multiAz must be left out or false without replicas, got true: give replicas as well, 1 or more'],
  [{ snapshotRetention: Duration.days(0) }, 'property snapshotRetention must be a whole number from 1 to 35, got 0'],
  [{ snapshotRetention: Duration.hours(30) }, 'property snapshotRetention must be whole days, got 1.25 days'],
  [{ engine: 'valkey' as any }, 'property engine must be an AirflowBrokerElastiCacheEngine, for example AirflowBrokerElastiCacheEngine.VALKEY_8, got "valkey"'],
])('fails for %j', (options, message) => {
  expect(() => AirflowBroker.elastiCache(options)).toThrow(message);
});

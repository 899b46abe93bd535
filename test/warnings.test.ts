import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations, App, CfnParameter, NestedStack, RemovalPolicies, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations as Synthesized, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import {
  AirflowCluster, AirflowDatabase, AirflowDatabaseProps, AirflowPreset, AirflowSecrets, AirflowVersion, DagSource, FernetKey, ServerlessAirflow,
  ServerlessAirflowProps,
} from '../src';
import { newStack } from './private/stack';
import { warnOfPools, warnOfProduction } from '../src/warnings';

const DEFAULT_HOLE = '/Stack/Airflow/Migration serverless-airflow:CVE-2026-68982';

/** Where the warnings are, with their ids. */
function warnings(stack: Stack): string[] {
  return found(stack).map(({ id, entry }) => `${id} ${/\[ack: (.*)\]$/.exec(String(entry.data))?.[1]}`).sort();
}

function messages(stack: Stack, id: string): string[] {
  return found(stack).map(({ entry }) => String(entry.data)).filter(data => data.includes(id));
}

function found(stack: Stack) {
  return Synthesized.fromStack(stack).findWarning('*', Match.anyValue());
}

function airflow(props?: ServerlessAirflowProps): Stack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', props);
  return stack;
}

describe('a plugin in a DAG folder', () => {
  const warned = (exclude: string[] = [], plugin = 'from airflow.plugins_manager import AirflowPlugin\n\nclass Mine(AirflowPlugin):\n    name = "mine"\n') => {
    const folder = mkdtempSync(join(tmpdir(), 'plugin-'));
    mkdirSync(join(folder, 'plugins'));
    writeFileSync(join(folder, 'dag.py'), 'pass');
    writeFileSync(join(folder, 'plugins', 'mine.py'), plugin);
    const stack = airflow({ dags: [DagSource.directory(folder, { name: 'main', exclude })] });
    rmSync(folder, { recursive: true });
    return messages(stack, 'serverless-airflow:plugin');
  };

  test('says the file and the way out', () => {
    expect(warned()).toEqual([
      'the DAG folder has a plugin of Airflow in plugins/mine.py, which no component loads: plugins are in the image, DAG folders are fetched by some components '
      + 'only: copy it to /opt/airflow/plugins of an image of yours and set property image [ack: serverless-airflow:plugin]',
    ]);
    expect(warned([], 'class Mine(\nobject): pass\nclass Other(Base, plugins_manager.AirflowPlugin):\n  pass')).toHaveLength(1);
  });

  test('not of one that is excluded, nor of its name elsewhere', () => {
    expect(warned(['plugins/'])).toEqual([]);
    expect(warned([], 'from airflow.plugins_manager import AirflowPlugin\nassert issubclass(int, AirflowPlugin)')).toEqual([]);
  });
});

describe('data that can be lost', () => {
  test('nothing by default', () => {
    expect(warnings(airflow())).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ removalPolicy: RemovalPolicy.RETAIN }))).toEqual([DEFAULT_HOLE]);
  });

  test('one warning for the whole, not one for each part', () => {
    const stack = airflow({ removalPolicy: RemovalPolicy.DESTROY });

    expect(warnings(stack)).toEqual(['/Stack/Airflow serverless-airflow:destroyable', DEFAULT_HOLE]);
    expect(messages(stack, 'destroyable')).toEqual([
      'property removalPolicy is DESTROY, so that everything that this construct defines and that holds data will be deleted with the stack: leave '
      + 'the property out to keep data, or take AirflowPreset.DEVELOPMENT if it may be lost [ack: serverless-airflow:destroyable]',
    ]);
  });

  test('no warning for the preset that is there for it', () => {
    expect(warnings(airflow({ preset: AirflowPreset.DEVELOPMENT }))).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ preset: AirflowPreset.DEVELOPMENT, removalPolicy: RemovalPolicy.DESTROY }))).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ preset: AirflowPreset.PRODUCTION, removalPolicy: RemovalPolicy.DESTROY }))).toContain('/Stack/Airflow serverless-airflow:destroyable');
  });

  test('each part that is defined on its own', () => {
    const stack = newStack();
    const removalPolicy = RemovalPolicy.DESTROY;
    const { vpc } = new AirflowCluster(stack, 'Cluster', { removalPolicy });
    new AirflowSecrets(stack, 'Secrets', { removalPolicy });
    new FernetKey(stack, 'FernetKey', { removalPolicy });
    new AirflowDatabase(stack, 'Database', { vpc, removalPolicy });
    new AirflowDatabase(stack, 'Unprotected', { vpc, deletionProtection: false });
    new AirflowDatabase(stack, 'Development', { vpc, preset: AirflowPreset.DEVELOPMENT });
    new AirflowDatabase(stack, 'Kept', { vpc, removalPolicy: RemovalPolicy.RETAIN });

    expect(warnings(stack)).toEqual(['Cluster', 'Database', 'FernetKey', 'Secrets', 'Unprotected'].map(id => `/Stack/${id} serverless-airflow:destroyable`));
  });

  test('an acknowledged warning is silent', () => {
    const stack = newStack();
    const deployment = new ServerlessAirflow(stack, 'Airflow', { removalPolicy: RemovalPolicy.DESTROY });
    ['destroyable', 'CVE-2026-68982'].forEach(id => Annotations.of(deployment).acknowledgeWarning(`serverless-airflow:${id}`));

    expect(warnings(stack)).toEqual([]);
  });
});

describe('a database that refuses what the stack says', () => {
  const undeletable = '/Stack/Database serverless-airflow:undeletable';

  function database(props: Partial<AirflowDatabaseProps>, edit: (stack: Stack) => void = () => {}): string[] {
    const stack = newStack();
    new AirflowDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc'), ...props });
    edit(stack);
    return warnings(stack);
  }

  test('by its properties, or by an aspect', () => {
    expect(database({ deletionProtection: true, removalPolicy: RemovalPolicy.DESTROY })).toContain(undeletable);
    expect(database({ deletionProtection: true }, stack => RemovalPolicies.of(stack).destroy())).toContain(undeletable);
  });

  test('not where one follows the other, or the database is kept', () => {
    expect(database({}, stack => RemovalPolicies.of(stack).destroy())).toEqual([]);
    expect(database({ deletionProtection: true })).toEqual([]);
    expect(database({ deletionProtection: true, preset: AirflowPreset.DEVELOPMENT }, stack => RemovalPolicies.of(stack).retain())).toEqual([]);
  });
});

describe('production', () => {
  const preset = AirflowPreset.PRODUCTION;
  const dockerHub = '/Stack/Airflow serverless-airflow:dockerHub';
  const termination = '/Stack/Airflow serverless-airflow:termination';
  const image = (name: string) => ecs.ContainerImage.fromRegistry(name);

  test('in a stack that can be deleted by mistake, and from Docker Hub', () => {
    const stack = airflow({ preset });

    expect(warnings(stack)).toEqual([dockerHub, termination, DEFAULT_HOLE]);
    expect(messages(stack, 'termination')).toEqual([
      'the stack Stack has no termination protection: deleted by mistake, it ends every service and the database\'s instances before the database '
      + 'refuses: set terminationProtection of the stack [ack: serverless-airflow:termination]',
    ]);
  });

  test('in a protected stack, also when it is protected later, and one that is meant to be deleted', () => {
    const stack = airflow({ preset, image: image('public.ecr.aws/example/airflow:3.3.2') });
    stack.terminationProtection = true;

    expect(warnings(stack)).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ preset, removalPolicy: RemovalPolicy.DESTROY }))).not.toContain(termination);
  });

  test.each([[true, 0], [false, 1]])('the stack that counts is the outermost one: protected %s', (terminationProtection, count) => {
    const app = new App();
    const nested = new NestedStack(new Stack(app, 'Stack', { terminationProtection }), 'Nested');
    const { node } = new ServerlessAirflow(nested, 'Airflow', { preset });
    app.synth();

    expect(node.metadata.filter(({ data }) => String(data).includes('termination protection'))).toHaveLength(count);
  });

  test.each([
    ['acme/airflow:1', true], ['airflow', true], ['docker.io/acme/airflow', true],
    ['localhost/airflow', false], ['registry:5000/airflow', false], ['111111111111.dkr.ecr.eu-west-1.amazonaws.com/airflow:1', false],
    [Token.asString({ Ref: 'Image' }), false],
  ])('image %s: from Docker Hub %s', (imageName, isThere) => {
    const stack = newStack();
    warnOfProduction(stack, { removalPolicy: RemovalPolicy.DESTROY, imageName });

    expect(warnings(stack)).toEqual(isThere ? ['/Stack serverless-airflow:dockerHub'] : []);
  });

  test('others may', () => {
    expect(warnings(airflow({ preset: AirflowPreset.DEVELOPMENT }))).toEqual([DEFAULT_HOLE]);
  });
});

describe('a key', () => {
  test('of another app has to have a statement, which the warning says', () => {
    const stack = newStack();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/name');
    new AirflowCluster(stack, 'Cluster', { encryptionKey });

    expect(warnings(stack)).toEqual(['/Stack/Cluster serverless-airflow:key']);
    expect(messages(stack, ':key')).toEqual([
      'the policy of the key Stack/Key must have the statement {"Action":["kms:Decrypt","kms:DescribeKey","kms:Encrypt","kms:GenerateDataKey*","kms:ReEncrypt*"],'
      + '"Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:*"}},'
      + '"Effect":"Allow","Principal":{"Service":"logs.<AWS::Region>.amazonaws.com"},"Resource":"*"}, and must let IAM policies of its account allow the key: '
      + 'the owner of the key has to add the statement before the first deployment [ack: serverless-airflow:key]',
    ]);
  });

  test('of this app gets the statement', () => {
    const stack = newStack();
    new AirflowCluster(stack, 'Cluster', { encryptionKey: new kms.Key(stack, 'Key') });

    expect(warnings(stack)).toEqual([]);
  });
});

describe('a region', () => {
  const into = (region: string, props: ServerlessAirflowProps = {}) => {
    const stack = new Stack(newStack().node.root, 'In', { env: { account: '111111111111', region } });
    new ServerlessAirflow(stack, 'Airflow', props);
    return warnings(stack).filter(warning => !warning.includes('CVE'));
  };

  test('without ARM64 in one zone', () => {
    expect(into('us-east-1')).toEqual(['/In/Airflow/Cluster serverless-airflow:arm64']);
    expect(into('us-east-1', { cpuArchitecture: ecs.CpuArchitecture.X86_64 })).toEqual([]);
    expect(into('eu-west-1')).toEqual([]);
  });

  test.each(['cn-north-1', 'us-gov-west-1'])('of another partition: %s', region => {
    expect(into(region)).toEqual(['/In/Airflow/Cluster serverless-airflow:partition']);
  });
});

describe('known vulnerabilities', () => {
  test('one warning for each', () => {
    expect(warnings(airflow({ version: AirflowVersion.of('3.3.0') }))).toEqual([
      '/Stack/Airflow/Migration serverless-airflow:CVE-2026-58076',
      '/Stack/Airflow/Migration serverless-airflow:CVE-2026-68982',
    ]);
    expect(warnings(airflow({ version: AirflowVersion.of('3.4.0') }))).toEqual([]);
  });

  test('the text says what it is, what fixes it and what protects from it', () => {
    expect(messages(airflow(), 'CVE')).toEqual([
      'Airflow 3.3.2 has a known vulnerability, CVE-2026-68982: whoever can write to the broker can run code on workers. Airflow 3.4.0 has it no more; here '
      + 'the Redis of this library has a password and lets in scheduler, workers and Flower only. [ack: serverless-airflow:CVE-2026-68982]',
    ]);
  });

  test('a release that is known at deployment only passes', () => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { version: AirflowVersion.of(new CfnParameter(stack, 'Version').valueAsString) });

    expect(warnings(stack)).toEqual([]);
  });
});

describe('what is open to every address', () => {
  test.each([ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6()])('a rule of a component, added after the construct', peer => {
    const stack = newStack();
    const { webServer } = new ServerlessAirflow(stack, 'Airflow');
    webServer.connections.allowFrom(peer, ec2.Port.tcp(8080));

    expect(warnings(stack)).toEqual([DEFAULT_HOLE, '/Stack/Airflow/WebServer/SecurityGroup/Resource serverless-airflow:public']);
  });

  test('not the addresses of a network', () => {
    const stack = newStack();
    const { webServer } = new ServerlessAirflow(stack, 'Airflow');
    webServer.connections.allowFrom(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(8080));
    webServer.connections.allowFrom(ec2.Peer.ipv4(new CfnParameter(stack, 'Network').valueAsString), ec2.Port.tcp(8080));

    expect(warnings(stack)).toEqual([DEFAULT_HOLE]);
  });

  test('a database', () => {
    const stack = newStack();
    const { vpc } = new AirflowCluster(stack, 'Cluster');
    new AirflowDatabase(stack, 'Database', { vpc }).connections.allowDefaultPortFromAnyIpv4();

    expect(warnings(stack)).toEqual(['/Stack/Database/SecurityGroup/Resource serverless-airflow:public']);
  });
});

describe('a database that is brought', () => {
  let stack: Stack;
  let vpc: ec2.IVpc;
  const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 });
  const publicSubnets = { subnetType: ec2.SubnetType.PUBLIC };

  beforeEach(() => {
    stack = newStack();
    vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
  });

  function bring(props: Partial<rds.DatabaseInstanceProps>): void {
    const instance = new rds.DatabaseInstance(stack, 'Instance', { vpc, engine, ...props });
    AirflowDatabase.fromInstance(stack, 'Database', { instance, masterSecret: instance.secret! });
  }

  test('encrypted and private: no warning', () => {
    bring({ storageEncrypted: true });

    expect(warnings(stack)).toEqual([]);
  });

  test.each([undefined, false])('an instance with storageEncrypted %s', storageEncrypted => {
    bring({ storageEncrypted });

    expect(warnings(stack)).toEqual(['/Stack/Database serverless-airflow:unencrypted']);
  });

  test('an instance of a snapshot is encrypted as the snapshot is', () => {
    const instance = new rds.DatabaseInstanceFromSnapshot(stack, 'Instance', {
      vpc, engine, snapshotIdentifier: 'snapshot', credentials: rds.SnapshotCredentials.fromGeneratedSecret('postgres'),
    });
    AirflowDatabase.fromInstance(stack, 'Database', { instance, masterSecret: instance.secret! });

    expect(warnings(stack)).toEqual([]);
  });

  test('an instance with a public address', () => {
    bring({ storageEncrypted: true, vpcSubnets: publicSubnets });

    expect(warnings(stack)).toEqual(['/Stack/Database serverless-airflow:public']);
  });

  test('a cluster: each reason once', () => {
    const cluster = new rds.DatabaseCluster(stack, 'Existing', {
      vpc,
      vpcSubnets: publicSubnets,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_9 }),
      writer: rds.ClusterInstance.serverlessV2('Writer', { publiclyAccessible: true }),
    });
    AirflowDatabase.fromCluster(stack, 'Database', { cluster, masterSecret: cluster.secret! });
    cluster.connections.allowFromAnyIpv4(ec2.Port.tcp(5432));

    expect(warnings(stack)).toEqual([
      '/Stack/Database serverless-airflow:public',
      '/Stack/Database serverless-airflow:unencrypted',
      '/Stack/Existing/SecurityGroup/Resource serverless-airflow:public',
    ]);
  });

  test('acknowledged warnings are silent', () => {
    const instance = new rds.DatabaseInstance(stack, 'Instance', { vpc, engine, vpcSubnets: publicSubnets });
    const database = AirflowDatabase.fromInstance(stack, 'Database', { instance, masterSecret: instance.secret! });
    instance.connections.allowFromAnyIpv4(ec2.Port.tcp(5432));
    ['public', 'unencrypted'].forEach(id => Annotations.of(database).acknowledgeWarning(`serverless-airflow:${id}`));
    instance.connections.securityGroups.forEach(group => Annotations.of(group).acknowledgeWarning('serverless-airflow:public'));

    expect(warnings(stack)).toEqual([]);
  });

  test('nothing is known about an imported one', () => {
    const cluster = rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Existing', {
      clusterIdentifier: 'existing',
      clusterEndpointAddress: 'existing.example.com',
      port: 5432,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
    });
    AirflowDatabase.fromCluster(stack, 'Database', { cluster, masterSecret: rds.DatabaseSecret.fromSecretNameV2(stack, 'Master', 'master') });

    expect(warnings(stack)).toEqual([]);
  });
});

describe('slots that the scheduler does not count', () => {
  const number = () => Token.asNumber({ Ref: 'Number' });

  test.each([
    ['0 workers, which somebody else scales', { desiredCount: 0 }],
    ['a number of workers that is a token', { desiredCount: number() }],
    ['a concurrency that is a token', { concurrency: number() }],
  ])('%s', (_, worker) => {
    const stack = airflow({ worker });

    expect(warnings(stack)).toEqual([DEFAULT_HOLE, '/Stack/Airflow/Scheduler serverless-airflow:parallelism']);
    expect(messages(stack, 'parallelism')).toEqual([
      'property desiredCount or concurrency of Stack/Airflow/Worker does not say how many tasks run there, so that [core] parallelism leaves them out, and can hold tasks back: '
      + 'give AIRFLOW__CORE__PARALLELISM in property environment, or scale with service.autoScaleTaskCount [ack: serverless-airflow:parallelism]',
    ]);
  });

  test('no warning with a number, with scaling, or with a given value', () => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { worker: { desiredCount: 0 } }).worker.service.autoScaleTaskCount({ maxCapacity: 3 });

    expect(warnings(stack)).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ worker: { desiredCount: 0 }, environment: { AIRFLOW__CORE__PARALLELISM: '64' } }))).toEqual([DEFAULT_HOLE]);
  });
});

describe('connections to the database', () => {
  test('a fleet that opens more than the database takes', () => {
    const stack = airflow({ worker: { desiredCount: 50 } });

    expect(warnings(stack)).toEqual([DEFAULT_HOLE, '/Stack/Airflow/Scheduler serverless-airflow:connections']);
    expect(messages(stack, 'connections')).toEqual([
      'the database takes 823 connections, and while an update replaces all tasks there can be 952 (web-server 60, scheduler 32, dag-processor 30, triggerer 30, worker 800): raise '
      + 'maxCapacity of the AirflowDatabase, lower numbers or concurrency of workers, or the pools of connections with AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW '
      + '[ack: serverless-airflow:connections]',
    ]);
  });

  test('no warning with fewer workers, smaller pools, or a database that is not known', () => {
    const overflow = { AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW: '0' };
    expect(warnings(airflow({ worker: { desiredCount: 41 } }))).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ worker: { desiredCount: 48 }, environment: overflow }))).toEqual([DEFAULT_HOLE]);
    expect(warnings(airflow({ worker: { desiredCount: 49 }, environment: overflow }))).toContain('/Stack/Airflow/Scheduler serverless-airflow:connections');
    expect(warnings(airflow({ worker: { desiredCount: Token.asNumber({ Ref: 'Number' }) } }))).not.toContain('/Stack/Airflow/Scheduler serverless-airflow:connections');
  });
});

describe('pools of workers', () => {
  test('none has the queue of tasks that name none', () => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { worker: { enabled: false } }).addWorkerPool('Etl', { queues: ['etl'] });

    expect(warnings(stack)).toEqual(['/Stack/Airflow serverless-airflow:defaultQueue', DEFAULT_HOLE]);
    expect(messages(stack, 'defaultQueue')).toEqual([
      'no pool of workers has the queue "default", so that tasks which name no queue wait for ever: give a pool the queue, or set AIRFLOW__OPERATORS__DEFAULT_QUEUE in property environment '
      + '[ack: serverless-airflow:defaultQueue]',
    ]);
  });

  test('more than a stack has room for', () => {
    const [few, many] = ['Few', 'Many'].map(id => newStack(id));
    [few, many].forEach((stack, index) => warnOfPools(stack, () => ({ queues: new Set(['default']), defaultQueue: 'default', number: 20 + index })));

    expect([warnings(few), warnings(many)]).toEqual([[], ['/Many serverless-airflow:pools']]);
  });

  test('another default queue', () => {
    const stack = newStack();
    const environment = { AIRFLOW__OPERATORS__DEFAULT_QUEUE: 'etl' };
    new ServerlessAirflow(stack, 'Airflow', { environment, worker: { enabled: false } }).addWorkerPool('Etl', { queues: ['etl'] });

    expect(warnings(stack)).toEqual([DEFAULT_HOLE]);
  });
});

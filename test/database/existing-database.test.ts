import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AirflowCluster } from '../../src/cluster/airflow-cluster';
import { AirflowDatabase } from '../../src/database/airflow-database';
import { ServerlessAirflow } from '../../src/serverless-airflow';
import { newStack } from '../private/stack';

describe('database of another stack', () => {
  const app = new App();
  const owner = new Stack(app, 'Owner');
  const vpc = new ec2.Vpc(owner, 'Vpc', { maxAzs: 2 });
  const instance = new rds.DatabaseInstance(owner, 'Instance', {
    vpc,
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 }),
  });
  const stack = new Stack(app, 'Stack');
  new ServerlessAirflow(stack, 'Airflow', {
    cluster: new AirflowCluster(stack, 'Cluster', { vpc }),
    database: AirflowDatabase.fromInstance(stack, 'Database', { instance, masterSecret: instance.secret! }),
  });

  test('lets in exactly the components that use it, by rules of the stack of Airflow', () => {
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));

    expect(rules.filter(({ Properties }) => Properties.ToPort === 5432).map(({ Properties }) => Properties.Description).sort()).toEqual([
      'dag-processor to database',
      'migration to database',
      'scheduler to database',
      'triggerer to database',
      'web-server to database',
      'worker to database',
    ]);
  });

  test('does not depend on the stack of Airflow', () => {
    expect(owner.dependencies).toEqual([]);
    Template.fromStack(owner).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });
});

test('a database that is restored from a snapshot, as the documentation says', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
  const cluster = new rds.DatabaseClusterFromSnapshot(stack, 'Restored', {
    vpc,
    snapshotIdentifier: 'final-snapshot',
    snapshotCredentials: rds.SnapshotCredentials.fromGeneratedSecret('airflow_admin'),
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.of('17', '17') }),
    writer: rds.ClusterInstance.serverlessV2('Writer'),
    storageEncrypted: true,
  });
  new ServerlessAirflow(stack, 'Airflow', {
    vpc,
    database: AirflowDatabase.fromCluster(stack, 'Database', { cluster, masterSecret: cluster.secret! }),
  });

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::RDS::DBCluster', 1);
  template.hasResourceProperties('AWS::RDS::DBCluster', { SnapshotIdentifier: 'final-snapshot', EngineVersion: '17' });
  expect(cluster.secret).toBeDefined();
});

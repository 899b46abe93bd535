import { ExpectedResult, IApiCall, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { AspectPriority, Aspects, Aws, CfnCondition, CfnOutput, CfnResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AirflowCluster, AirflowMigration, AirflowService, IFernetKey, ServerlessAirflow } from '../../src';

/** 32 bytes as url-safe base64 with padding. */
const FERNET_KEY = '^[A-Za-z0-9_-]{43}=$';

/** AWS uses this account in its documentation: only the local AWS has it. */
const LOCAL_ACCOUNT = '123456789012';

/** Everything that is asked about a whole deployment. */
export function expectAirflow(integ: IntegTest, airflow: ServerlessAirflow): void {
  const { webServer, scheduler, dagProcessor, triggerer, worker, flower } = airflow;
  expectStableServices(integ, airflow.cluster, [webServer, scheduler, dagProcessor, triggerer, worker, ...flower ? [flower] : []]);
  expectPrivateNames(integ, airflow.cluster, ['redis', 'webserver', ...flower ? ['flower'] : []]);
  expectMigration(integ, airflow.cluster, airflow.migration);
  expectFernetKey(integ, airflow.fernetKey);
  expectPrivateBucket(integ, airflow.logBucket!);
  expectOutputs(integ, airflow);
}

/** Every service runs as many tasks as it wants. */
export function expectStableServices(integ: IntegTest, cluster: AirflowCluster, services: AirflowService[]): void {
  for (const { service } of services) {
    const { desiredCount } = service.node.findChild('Service') as ecs.CfnService;
    const describe = () => integ.assertions.awsApiCall('ECS', 'describeServices', {
      cluster: cluster.ecsCluster.clusterName,
      services: [service.serviceName],
    });
    describe().expect(ExpectedResult.objectLike({ services: [{ status: 'ACTIVE', desiredCount }] }));
    onlyOnAws(describe().expect(ExpectedResult.objectLike({ services: [{ runningCount: desiredCount, pendingCount: 0 }] })));
  }
}

/** The names that components find each other by are in the private namespace. */
export function expectPrivateNames(integ: IntegTest, cluster: AirflowCluster, names: string[]): void {
  for (const name of names) {
    integ.assertions
      .awsApiCall('ServiceDiscovery', 'listServices', {
        Filters: [{ Name: 'NAMESPACE_ID', Values: [cluster.namespace.namespaceId], Condition: 'EQ' }],
      })
      .expect(ExpectedResult.objectLike({ Services: Match.arrayWith([Match.objectLike({ Name: name })]) }));
  }
}

/** The deployment has run the migration, or it would have failed. Run once more on the migrated database, every container ends with 0. */
export function expectMigration(integ: IntegTest, cluster: AirflowCluster, migration: AirflowMigration): void {
  const { taskDefinition, connections } = migration;
  const awsvpcConfiguration = {
    subnets: cluster.vpc.selectSubnets(cluster.vpcSubnets).subnetIds,
    securityGroups: connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
  };
  const run = integ.assertions.awsApiCall('ECS', 'runTask', {
    cluster: cluster.ecsCluster.clusterName,
    taskDefinition: taskDefinition.taskDefinitionArn,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration },
  }, ['tasks.0.taskArn']);
  run.provider.addToRolePolicy({
    Effect: 'Allow',
    Action: ['iam:PassRole'],
    Resource: [taskDefinition.taskRole.roleArn, taskDefinition.obtainExecutionRole().roleArn],
  });

  const ended = integ.assertions.awsApiCall('ECS', 'describeTasks', { cluster: cluster.ecsCluster.clusterName, tasks: [run.getAttString('tasks.0.taskArn')] });
  ended.node.addDependency(run);
  ended.expect(ExpectedResult.objectLike({
    tasks: [{
      lastStatus: 'STOPPED',
      containers: Match.arrayWith(['databases', 'migrate', 'admin'].map(name => Match.objectLike({ name, exitCode: 0 }))),
    }],
  })).waitForAssertions({ totalTimeout: Duration.minutes(10), interval: Duration.seconds(5) });
}

/** The key is a Fernet key, written once. The assertion's answer holds the key: it belongs to a deployment that is destroyed at once. */
export function expectFernetKey(integ: IntegTest, fernetKey: IFernetKey): void {
  const { secretArn } = fernetKey.key.secret;
  integ.assertions
    .awsApiCall('SecretsManager', 'getSecretValue', { SecretId: secretArn })
    .expect(ExpectedResult.objectLike({ SecretString: Match.stringLikeRegexp(FERNET_KEY) }));
  integ.assertions
    .awsApiCall('SecretsManager', 'listSecretVersionIds', { SecretId: secretArn, IncludeDeprecated: true })
    .expect(ExpectedResult.objectLike({ Versions: [{ VersionStages: ['AWSCURRENT'] }] }));
}

/** No public access, no plain HTTP. */
export function expectPrivateBucket(integ: IntegTest, bucket: s3.IBucket): void {
  const publicAccess = integ.assertions.awsApiCall('S3', 'getPublicAccessBlock', { Bucket: bucket.bucketName });
  // the action is not called as the API call is; local-aws takes it for s3:ListBucket
  publicAccess.provider.addToRolePolicy({ Effect: 'Allow', Action: ['s3:GetBucketPublicAccessBlock', 's3:ListBucket'], Resource: [bucket.bucketArn] });
  publicAccess.expect(ExpectedResult.objectLike({
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
  }));
  onlyOnAws(integ.assertions.awsApiCall('S3', 'getBucketPolicy', { Bucket: bucket.bucketName }).expect(ExpectedResult.objectLike({
    Policy: Match.serializedJson(Match.objectLike({
      Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
    })),
  })));
}

/** What the constructs tell the app can be used by name from outside. */
export function expectOutputs(integ: IntegTest, airflow: ServerlessAirflow): void {
  const stack = Stack.of(airflow);
  const { secretArn } = airflow.secrets.admin.secret;
  const outputs = {
    AdminSecretArn: { value: secretArn, pattern: '^arn:[a-z-]+:secretsmanager:' },
    ClusterName: { value: airflow.cluster.ecsCluster.clusterName, pattern: '.' },
    LogBucketName: { value: airflow.logBucket!.bucketName, pattern: '^[a-z0-9-]+$' },
  };
  for (const [key, { value, pattern }] of Object.entries(outputs)) {
    new CfnOutput(stack, key, { value });
    integ.assertions
      .awsApiCall('CloudFormation', 'describeStacks', { StackName: stack.stackName })
      .expect(ExpectedResult.objectLike({
        Stacks: [{ Outputs: Match.arrayWith([Match.objectLike({ OutputKey: key, OutputValue: Match.stringLikeRegexp(pattern) })]) }],
      }));
  }
  integ.assertions
    .awsApiCall('SecretsManager', 'describeSecret', { SecretId: secretArn })
    .expect(ExpectedResult.objectLike({ ARN: secretArn }));
}

/** Leaves out at deployment what the local AWS cannot answer: it starts no tasks of services, and drops conditions of bucket policies. */
function onlyOnAws(call: IApiCall): void {
  const stack = Stack.of(call);
  const condition = stack.node.tryFindChild('OnAws') as CfnCondition | undefined
    ?? new CfnCondition(stack, 'OnAws', { expression: Fn.conditionNot(Fn.conditionEquals(Aws.ACCOUNT_ID, LOCAL_ACCOUNT)) });
  // late: the output with the result is defined by an aspect, too
  Aspects.of(call).add({
    visit: node => {
      if (node instanceof CfnOutput) {
        node.condition = condition;
      } else if (CfnResource.isCfnResource(node)) {
        node.cfnOptions.condition = condition;
      }
    },
  }, { priority: AspectPriority.READONLY });
}

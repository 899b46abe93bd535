import { Accepted } from './accepted';

const UPLOADER = /\/Custom::CDKBucketDeployment\w+\/ServiceRole\//;
const UPLOADER_REASON = 'CDK\'s own function that uploads DAG files: the wildcards stand for reading its asset and writing this one bucket';

/** Findings of AwsSolutions by the path of the construct. Where a wildcard is a part of the rule's name, so is what it is in. */
export const ACCEPTED_NAG: Accepted[] = [
  {
    rule: 'AwsSolutions-ECS2',
    where: /\/TaskDefinition\/Resource$/,
    reason: 'the rule refuses any environment variable; ours are settings, and every credential is an ECS secret',
  },
  {
    rule: 'AwsSolutions-SMG4',
    where: /\/(Secrets\/\w+|FernetKey\/Secret|Database\/MasterSecret)\/Resource$/,
    reason: 'ECS gives a secret to tasks when they start: a rotation without a new deployment would lock Airflow out',
  },
  {
    rule: 'AwsSolutions-SMG4',
    where: /^Stack\/Connection\/Resource$/,
    reason: 'stands for a secret of the user\'s',
  },
  {
    rule: 'AwsSolutions-L1',
    where: /\/Function\/Resource\/Resource$|\/Custom::CDKBucketDeployment\w+\/Resource$/,
    reason: 'the newest runtime that this CDK release says to be in every region; the rule wants the newest in any',
  },
  {
    rule: 'AwsSolutions-VPC7',
    where: /\/Vpc\/Resource$/,
    reason: 'flow logs are paid by volume and are a decision for the whole account: a VPC that has them can be given',
  },
  {
    rule: 'AwsSolutions-S1',
    where: /\/(TaskLogs|Dags)\/Bucket\/Resource$/,
    reason: 'access logs would need a further bucket that is kept forever; CloudTrail data events do the same for a whole account',
  },
  {
    rule: 'AwsSolutions-ELB2',
    where: /\/LoadBalancer\/Resource\/Resource$/,
    reason: 'property accessLogs names the bucket that they are written to; without one there is none that would be kept forever',
  },
  {
    rule: 'AwsSolutions-RDS11',
    where: /\/Database\/Instance\/Resource$/,
    reason: 'a port that few expect hides nothing: the security group lets in components of this deployment only',
  },
  {
    rule: 'AwsSolutions-RDS10',
    where: /\/Database\/Cluster\/Resource$/,
    reason: 'property deletionProtection is off on purpose, here and in the preset for development; it is on by default',
  },
  {
    rule: 'AwsSolutions-ECS4',
    where: /\/Cluster\/Cluster\/Resource$/,
    reason: 'property containerInsights is off on purpose, here and in the preset for development, to save its price; it is on by default',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]',
    where: /\/Database\/Cluster\/MonitoringRole\/Resource$/,
    reason: 'the policy that AWS keeps for the role that RDS writes these metrics with; tasks do not have it',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task-definition/StackAirflowMigrationTaskDefinitionA45479CC:*]',
    where: /\/Migration\/Function\/Role\/Resource$/,
    reason: 'every revision of one task definition, in one cluster',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/<AirflowCluster1E2C574F>/*]',
    where: /\/Migration\/Function\/Role\/Resource$/,
    reason: 'the id of a task is known when it runs only; the cluster is fixed',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/<ClusterC2E21B66>/*]',
    where: /\/Migration\/Function\/Role\/Resource$/,
    reason: 'the same in a cluster that is given',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<AirflowTaskLogsBucket59D1D076.Arn>/logs/*]',
    where: /\/(WebServer|Triggerer|Worker)\/TaskRole\/DefaultPolicy\/Resource$/,
    reason: 'objects below the prefix of task logs',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<AirflowTaskLogsBucket59D1D076.Arn>/airflow/logs/*]',
    where: /\/(WebServer|Triggerer|Worker|Reports)\/TaskRole\/DefaultPolicy\/Resource$/,
    reason: 'objects below a prefix that is given',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<AirflowDagsBucket329EF2C9.Arn>/dags/orders/*]',
    where: /\/(DagProcessor|Worker|Reports)\/TaskRole\/DefaultPolicy\/Resource$/,
    reason: 'objects below the prefix of one DAG folder',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    where: /\/Migration\/Function\/Role\/Resource$/,
    reason: 'ecs:ListTasks, which AWS judges as a request on everything; the cluster is fixed',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    where: UPLOADER,
    reason: 'CDK\'s own function that uploads DAG files: its role cannot be given',
  },
  ...[
    'Action::s3:GetBucket*', 'Action::s3:GetObject*', 'Action::s3:List*', 'Action::s3:Abort*', 'Action::s3:DeleteObject*',
    'Action::kms:GenerateDataKey*', 'Action::kms:ReEncrypt*',
    'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*', 'Resource::<AirflowDagsBucket329EF2C9.Arn>/*',
  ].map(finding => ({ rule: `AwsSolutions-IAM5[${finding}]`, where: UPLOADER, reason: UPLOADER_REASON })),
];

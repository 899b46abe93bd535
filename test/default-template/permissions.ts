import { expect } from 'expect';
import { Check, forEach } from './check';
import { permission } from '../private/template';

const LOGS = '${AirflowTaskLogsBucket59D1D076.Arn}';
const DAGS = '${AirflowDagsBucket329EF2C9.Arn}';
const READ_DAGS = [`Allow s3:GetObject on ${DAGS}/dags/dags/*`, `Allow s3:ListBucket on ${DAGS}`];
const READ_LOGS = [`Allow s3:GetObject on ${LOGS}/logs/*`, `Allow s3:ListBucket on ${LOGS} if {"StringLike":{"s3:prefix":"logs/*"}}`];
const WRITE_LOGS = [`Allow s3:GetObject s3:PutObject on ${LOGS}/logs/*`, `Allow s3:ListBucket on ${LOGS}`];

const TASK_ROLES = {
  'web-server': READ_LOGS,
  'scheduler': [],
  'dag-processor': READ_DAGS,
  'triggerer': WRITE_LOGS,
  'worker': [...READ_DAGS, ...WRITE_LOGS],
  'flower': [],
  'redis': [],
  'migrate': [],
};

const ECS = 'arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}';
const WRITE_LOG = 'Allow logs:CreateLogStream logs:PutLogEvents on ';

/** Custom resources, by the logical id of their handler's role. */
const HANDLERS = {
  AirflowFernetKeyFunctionRoleE4A74461: [
    'Allow secretsmanager:DescribeSecret secretsmanager:PutSecretValue on ${AirflowFernetKeySecret45BDA978}',
    `${WRITE_LOG}\${AirflowFernetKeyFunctionLogGroup1BB83EDC.Arn}`,
  ],
  AirflowMigrationFunctionRole0861FF93: [
    `Allow ecs:RunTask on ${ECS}:task-definition/StackAirflowMigrationTaskDefinitionA45479CC:* if {"ArnEquals":{"ecs:cluster":"\${AirflowCluster1E2C574F.Arn}"}}`,
    `Allow ecs:DescribeTasks ecs:StopTask on ${ECS}:task/\${AirflowCluster1E2C574F}/* if {"ArnEquals":{"ecs:cluster":"\${AirflowCluster1E2C574F.Arn}"}}`,
    'Allow iam:PassRole on ${AirflowMigrationTaskDefinitionExecutionRole8D55FC38.Arn} ${AirflowMigrationTaskRole353B771E.Arn}'
      + ' if {"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}',
    'Allow cloudformation:DescribeStacks on ${AWS::StackId}',
    `${WRITE_LOG}\${AirflowMigrationFunctionLogGroupD09E2B52.Arn}`,
  ],
};

export const PERMISSIONS: Check[] = [
  ...forEach(TASK_ROLES, container => `the task role of ${container}`, (synthesized, container, permissions) => {
    expect(synthesized.permissions(container, 'TaskRoleArn')).toEqual([...permissions].sort());
  }),
  ...forEach(TASK_ROLES, container => `the execution role of ${container} reads its own secrets and writes its log`, (synthesized, container) => {
    const { taskDefinition } = synthesized.containers[container];
    const secrets = Object.values(synthesized.containers)
      .filter(other => other.taskDefinition === taskDefinition)
      .flatMap(other => Object.values(other.secrets))
      .map(valueFrom => `Allow secretsmanager:DescribeSecret secretsmanager:GetSecretValue on ${valueFrom.replace(/:.*/, '')}`);

    expect(synthesized.permissions(container, 'ExecutionRoleArn')).toEqual([
      ...new Set(['Allow logs:CreateLogStream logs:PutLogEvents on ${AirflowClusterLogGroupF9E86CE7.Arn}', ...secrets]),
    ].sort());
  }),
  ...forEach(TASK_ROLES, container => `${container} has roles of its own, without managed policies`, (synthesized, container) => {
    const { TaskRoleArn, ExecutionRoleArn } = synthesized.resources[synthesized.containers[container].taskDefinition].Properties;
    const roles = [TaskRoleArn, ExecutionRoleArn].map(arn => arn['Fn::GetAtt'][0]);

    const [taskRole, executionRole] = roles.map(role => synthesized.resources[role].Properties);
    expect(roles[0]).not.toBe(roles[1]);
    expect([taskRole.ManagedPolicyArns, executionRole.ManagedPolicyArns]).toEqual([undefined, undefined]);
    expect([taskRole, executionRole].map(({ AssumeRolePolicyDocument: { Statement } }) => Statement[0].Principal.Service))
      .toEqual(['ecs-tasks.amazonaws.com', 'ecs-tasks.amazonaws.com']);
    expect(taskRole.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
  }),
  ...forEach(HANDLERS, role => `${role} may do exactly this`, (synthesized, role, permissions) => {
    expect(synthesized.statements(role).map(permission).sort()).toEqual([...permissions].sort());
  }),
];

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

/** The task role, and the execution role. */
const ROLES: Record<string, [string, string]> = {
  'web-server': ['AirflowWebServerTaskRoleBFE0C598', 'AirflowWebServerTaskDefinitionExecutionRole8612EA6D'],
  'scheduler': ['AirflowSchedulerTaskRole89E737DA', 'AirflowSchedulerTaskDefinitionExecutionRoleA997C42C'],
  'dag-processor': ['AirflowDagProcessorTaskRoleFCC66AB4', 'AirflowDagProcessorTaskDefinitionExecutionRole0BFE8595'],
  'triggerer': ['AirflowTriggererTaskRole4FD9F165', 'AirflowTriggererTaskDefinitionExecutionRole3B2F7D64'],
  'worker': ['AirflowWorkerTaskRole04E02B8F', 'AirflowWorkerTaskDefinitionExecutionRole86A02971'],
  'flower': ['AirflowFlowerTaskRole053A9C2E', 'AirflowFlowerTaskDefinitionExecutionRoleB985F165'],
  'redis': ['AirflowRedisTaskRoleA4A7634F', 'AirflowRedisTaskDefinitionExecutionRole447231F1'],
  'migrate': ['AirflowMigrationTaskRole353B771E', 'AirflowMigrationTaskDefinitionExecutionRole8D55FC38'],
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
    'Allow ecs:ListTasks on * if {"ArnEquals":{"ecs:cluster":"${AirflowCluster1E2C574F.Arn}"}}',
    'Allow lambda:InvokeFunction on ${AirflowMigrationFunction9F13FB81.Arn}',
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
      .map(valueFrom => `Allow secretsmanager:GetSecretValue on ${valueFrom.replace(/:.*/, '')}`);

    expect(synthesized.permissions(container, 'ExecutionRoleArn')).toEqual([
      ...new Set(['Allow logs:CreateLogStream logs:PutLogEvents on ${AirflowClusterLogGroupF9E86CE7.Arn}', ...secrets]),
    ].sort());
  }),
  ...forEach(ROLES, container => `${container} has roles of its own, without managed policies`, (synthesized, container, roles) => {
    const { TaskRoleArn, ExecutionRoleArn } = synthesized.resources[synthesized.containers[container].taskDefinition].Properties;

    expect([TaskRoleArn, ExecutionRoleArn]).toEqual(roles.map(role => ({ 'Fn::GetAtt': [role, 'Arn'] })));
    expect(roles.map(role => synthesized.resources[role].Properties.ManagedPolicyArns)).toEqual([undefined, undefined]);
  }),
  ...forEach(HANDLERS, role => `${role} may do exactly this`, (synthesized, role, permissions) => {
    expect(synthesized.statements(role).map(permission).sort()).toEqual([...permissions].sort());
  }),
];

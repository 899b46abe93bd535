import { expect } from 'expect';
import { Check, forEach } from './check';
import { permission, statementsOf } from '../private/template';

const TO = 'Allow sts:AssumeRole to Service';
// without the condition ECS could be made to use the role for a task of another account
const TASK = `${TO} ecs-tasks.amazonaws.com if {"StringEquals":{"aws:SourceAccount":"\${AWS::AccountId}"},`
  + '"ArnLike":{"aws:SourceArn":"arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*"}}';
const EXECUTION = `${TO} ecs-tasks.amazonaws.com`;
const HANDLER = `${TO} lambda.amazonaws.com`;

/** Who may be which role. */
const TRUST = {
  AirflowWebServerTaskRoleBFE0C598: TASK,
  AirflowWebServerTaskDefinitionExecutionRole8612EA6D: EXECUTION,
  AirflowSchedulerTaskRole89E737DA: TASK,
  AirflowSchedulerTaskDefinitionExecutionRoleA997C42C: EXECUTION,
  AirflowDagProcessorTaskRoleFCC66AB4: TASK,
  AirflowDagProcessorTaskDefinitionExecutionRole0BFE8595: EXECUTION,
  AirflowTriggererTaskRole4FD9F165: TASK,
  AirflowTriggererTaskDefinitionExecutionRole3B2F7D64: EXECUTION,
  AirflowWorkerTaskRole04E02B8F: TASK,
  AirflowWorkerTaskDefinitionExecutionRole86A02971: EXECUTION,
  AirflowFlowerTaskRole053A9C2E: TASK,
  AirflowFlowerTaskDefinitionExecutionRoleB985F165: EXECUTION,
  AirflowRedisTaskRoleA4A7634F: TASK,
  AirflowRedisTaskDefinitionExecutionRole447231F1: EXECUTION,
  AirflowMigrationTaskRole353B771E: TASK,
  AirflowMigrationTaskDefinitionExecutionRole8D55FC38: EXECUTION,
  AirflowMigrationFunctionRole0861FF93: HANDLER,
  AirflowFernetKeyFunctionRoleE4A74461: HANDLER,
  CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C512MiBServiceRoleBA21DBC1: HANDLER,
};

export const TRUSTED: Check[] = [
  {
    name: 'there are no other roles',
    check: synthesized => expect(synthesized.ofType('AWS::IAM::Role').map(([id]) => id).sort()).toEqual(Object.keys(TRUST).sort()),
  },
  ...forEach(TRUST, role => `who may be ${role}`, ({ resources }, role, trust) => {
    expect(statementsOf(resources[role].Properties.AssumeRolePolicyDocument).map(permission)).toEqual([trust]);
  }),
];

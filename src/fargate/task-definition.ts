import { Size, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ephemeralStorageGiB } from './ephemeral-storage';

export interface TaskDefinitionProps {
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  /** @default - the 20 GiB that every task has */
  readonly ephemeralStorage?: Size;
  /** @default CpuArchitecture.ARM64 */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  /** @default - a new role that ECS may assume for tasks of this account only */
  readonly taskRole?: iam.IRole;
  /** @default - a new role */
  readonly executionRole?: iam.IRole;
}

/** A Fargate task definition, with roles of its own unless it is given some. */
export function defineTaskDefinition(scope: Construct, props: TaskDefinitionProps): ecs.FargateTaskDefinition {
  const { partition, region, account } = Stack.of(scope);
  return new ecs.FargateTaskDefinition(scope, 'TaskDefinition', {
    cpu: props.cpu,
    memoryLimitMiB: props.memoryLimitMiB,
    ephemeralStorageGiB: props.ephemeralStorage && ephemeralStorageGiB(props.ephemeralStorage),
    runtimePlatform: {
      cpuArchitecture: props.cpuArchitecture ?? ecs.CpuArchitecture.ARM64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
    executionRole: props.executionRole,
    taskRole: props.taskRole ?? new iam.Role(scope, 'TaskRole', {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
        },
      }),
    }),
  });
}

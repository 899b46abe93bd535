import type { ContainerDefinition } from './definitions';
import type { Issued } from '../iam/access-keys';
import type { Gate } from '../iam/gate';

export interface RoleUse {
  /** Of the task that the role is for. */
  readonly taskArn: string;
  /** Whose log tells what the role was refused. */
  readonly component: string;
}

/** ECS acts with a role of the task; fails as ECS does where the role's trust policy does not let it. */
export function assumeRole(roleArn: string, { taskArn, component }: RoleUse, gate: Gate): Issued {
  const reason = gate.iam.reasonAgainstAssumption(roleArn, 'ecs-tasks.amazonaws.com', taskArn);
  if (reason !== undefined) {
    throw new Error(`ECS was unable to assume the role '${roleArn}' that was provided for this task: ${reason}`);
  }
  return gate.keys.issue(roleArn, taskArn.split('/').at(-1)!, component);
}

/** Before a container starts ECS makes its log stream; without it the task does not start. Missing PutLogEvents only loses the log. */
export function openLogStream({ name, logs }: ContainerDefinition, { session }: Issued, taskId: string, gate: Gate): void {
  if (!logs) return;
  const [, partition, , , account] = session.roleArn.split(':');
  const resource = `arn:${partition}:logs:${logs.region}:${account}:log-group:${logs.group}:log-stream:${logs.streamPrefix}/${name}/${taskId}`;
  const denial = gate.messageAgainst(session, { action: 'logs:CreateLogStream', resource });
  if (denial !== undefined) {
    throw new Error(`ResourceInitializationError: failed to validate logger args: failed to create Cloudwatch log stream: AccessDeniedException: ${denial}`);
  }
  gate.messageAgainst(session, { action: 'logs:PutLogEvents', resource });
}

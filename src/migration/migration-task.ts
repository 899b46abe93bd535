import type { Container, ECS, Task } from '@aws-sdk/client-ecs';
import { DeploymentError } from '../custom-resource/custom-resource-response';

/** What the template tells the handler. CloudFormation makes a string of every number. */
export interface MigrationProperties {
  readonly ClusterArn: string;
  readonly TaskDefinitionArn: string;
  readonly SubnetIds: string[];
  readonly SecurityGroupId: string;
  readonly TimeoutSeconds: string;
  readonly LogGroup: string;
  readonly LogStreamPrefix: string;
}

/** The time, which tests make faster. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const POLL_INTERVAL = 1000;

const realTime: Clock = {
  now: Date.now,
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};

/** One run of the migration task definition. */
export class MigrationTask {
  constructor(
    private readonly ecs: ECS,
    private readonly properties: MigrationProperties,
    private readonly clock: Clock = realTime,
  ) { }

  /** Resolves when every container has succeeded. With the token of an earlier run it waits for that one instead of starting another. */
  public async run(token: string): Promise<void> {
    const deadline = this.clock.now() + Number(this.properties.TimeoutSeconds) * 1000;
    const taskArn = await this.start(token);
    for (;;) {
      const task = await this.describe(taskArn);
      if (task?.lastStatus === 'STOPPED') {
        this.check(task);
        return;
      }
      if (this.clock.now() >= deadline) {
        await this.stop(taskArn);
        throw new DeploymentError(`the migration did not end within ${this.properties.TimeoutSeconds} seconds and was stopped; `
          + this.logs(taskArn, running(task) ?? 'migrate'));
      }
      await this.clock.sleep(POLL_INTERVAL);
    }
  }

  private async start(token: string): Promise<string> {
    const { ClusterArn, TaskDefinitionArn, SubnetIds, SecurityGroupId } = this.properties;
    const { tasks, failures } = await attempt('ecs:RunTask', this.ecs.runTask({
      cluster: ClusterArn,
      taskDefinition: TaskDefinitionArn,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: SubnetIds, securityGroups: [SecurityGroupId], assignPublicIp: 'DISABLED' } },
      clientToken: token,
    }));
    const taskArn = tasks?.[0]?.taskArn;
    if (!taskArn) {
      const reasons = failures?.map(({ reason, detail }) => [reason, detail].filter(text => text).join(': '));
      throw new DeploymentError(`the migration task could not be started: ${reasons?.join(', ')}`);
    }
    return taskArn;
  }

  /** Undefined while ECS does not know a task that it has just accepted. */
  private async describe(taskArn: string): Promise<Task | undefined> {
    const { tasks } = await attempt('ecs:DescribeTasks', this.ecs.describeTasks({
      cluster: this.properties.ClusterArn,
      tasks: [taskArn],
    }));
    return tasks?.[0];
  }

  private async stop(taskArn: string): Promise<void> {
    await attempt('ecs:StopTask', this.ecs.stopTask({
      cluster: this.properties.ClusterArn,
      task: taskArn,
      reason: `migration did not end within ${this.properties.TimeoutSeconds} seconds`,
    }));
  }

  private check(task: Task): void {
    const containers = task.containers ?? [];
    if (containers.length > 0 && containers.every(container => container.exitCode === 0)) { return; }
    // the first that failed is the cause: those that wait for it have no exit code
    const failed = containers.find(container => container.exitCode) ?? containers.find(container => container.exitCode === undefined);
    throw new DeploymentError([
      failed ? describeEnd(failed) : 'the migration task had no container',
      ...task.stoppedReason ? [`task stopped: ${task.stoppedReason}`] : [],
      this.logs(task.taskArn!, failed?.name ?? 'migrate'),
    ].join('; '));
  }

  private logs(taskArn: string, container: string): string {
    const { LogGroup, LogStreamPrefix } = this.properties;
    return `log group ${LogGroup}, log stream ${LogStreamPrefix}/${container}/${taskArn.split('/').pop()}`;
  }
}

function running(task: Task | undefined): string | undefined {
  return task?.containers?.find(container => container.lastStatus === 'RUNNING')?.name;
}

function describeEnd({ name, exitCode, reason }: Container): string {
  const end = exitCode === undefined ? 'did not run' : `exited with code ${exitCode}`;
  return `container ${name} ${end}${reason ? ` (${reason})` : ''}`;
}

async function attempt<T>(action: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new DeploymentError(`${action} failed: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`);
  }
}

import type { ECS, Task } from '@aws-sdk/client-ecs';
import { NotPlaced } from './passing-errors';

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

/** The tasks of one migration resource, which ECS knows by who has started them. */
export class MigrationTasks {
  constructor(
    private readonly ecs: ECS,
    private readonly properties: MigrationProperties,
    /** The same for the life of the resource. */
    private readonly startedBy: string,
  ) { }

  /** Those that have not ended and were not told to. */
  public async running(): Promise<Task[]> {
    const { ClusterArn: cluster } = this.properties;
    const { taskArns = [] } = await this.ecs.listTasks({ cluster, startedBy: this.startedBy });
    if (taskArns.length === 0) { return []; }
    const { tasks = [] } = await this.ecs.describeTasks({ cluster, tasks: taskArns });
    return tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  }

  /** Returns the ARN of the new task, or of the one that was started with this token before. */
  public async start(token: string): Promise<string> {
    const { ClusterArn, TaskDefinitionArn, SubnetIds, SecurityGroupId } = this.properties;
    const { tasks, failures = [] } = await this.ecs.runTask({
      cluster: ClusterArn,
      taskDefinition: TaskDefinitionArn,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: SubnetIds, securityGroups: [SecurityGroupId], assignPublicIp: 'DISABLED' } },
      startedBy: this.startedBy,
      clientToken: token,
    });
    const taskArn = tasks?.[0]?.taskArn;
    if (!taskArn) {
      throw new NotPlaced(failures.map(({ reason, detail }) => [reason, detail].filter(text => text).join(': ')).join(', '));
    }
    return taskArn;
  }

  /** Undefined while ECS does not know a task that it has just accepted. */
  public async describe(taskArn: string): Promise<Task | undefined> {
    const { tasks } = await this.ecs.describeTasks({ cluster: this.properties.ClusterArn, tasks: [taskArn] });
    return tasks?.[0];
  }

  public async stop(taskArn: string, reason: string): Promise<void> {
    await this.ecs.stopTask({ cluster: this.properties.ClusterArn, task: taskArn, reason });
  }

  public isOfThisRelease({ taskDefinitionArn }: Task): boolean {
    return taskDefinitionArn === this.properties.TaskDefinitionArn;
  }

  /** Where the output of a container is. */
  public logs(taskArn: string, container: string): string {
    const { LogGroup, LogStreamPrefix } = this.properties;
    return `log group ${LogGroup}, log stream ${LogStreamPrefix}/${container}/${taskArn.split('/').pop()}`;
  }
}

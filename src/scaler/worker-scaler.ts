import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { environmentName } from './scaler-metric';
import { SCALER } from './scaler-program';
import { Bindings } from '../binding';
import type { AirflowBroker } from '../broker/airflow-broker';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import type { ClusterService } from '../cluster/cluster-services';
import { addAirflowContainer, AirflowImageOptions } from '../container/airflow-container';
import { metadataDatabaseOfPrograms } from '../database/connections';
import type { IAirflowDatabase } from '../database/database';
import type { AirflowSecrets } from '../secrets/airflow-secrets';

/** The container, and its log streams. */
const NAME = 'scaler';

/** MiB that it takes, measured; the task has them. */
const MEMORY = 96;

export interface WorkerScalerProps extends AirflowImageOptions {
  readonly cluster: AirflowCluster;
  readonly database: IAirflowDatabase;
  readonly secrets: AirflowSecrets;
  readonly broker: AirflowBroker;
  /** Of the scheduler. */
  readonly taskDefinition: ecs.FargateTaskDefinition;
  /** Value of `[core] parallelism`, of each scheduler. */
  readonly parallelism: string;
}

/**
 * Sets how many workers there are in pools that follow their queues, and how many triggerers: a container beside the scheduler, which goes on without it. It has the passwords of the metadata
 * database and of the broker, and no other secret. It may set the number of tasks of these services, look at all services, and protect tasks of the ECS cluster.
 */
export class WorkerScaler {
  private readonly services: ClusterService[] = [];
  private readonly ofServices: iam.PolicyStatement;

  constructor(scope: Construct, private readonly props: WorkerScalerProps) {
    const { cluster, taskDefinition } = props;
    const { clusterArn, clusterName } = cluster.ecsCluster;
    addAirflowContainer(scope, taskDefinition, NAME, {
      cluster,
      version: props.version,
      image: props.image,
      logStreamPrefix: NAME,
      command: ['python', '-c', SCALER],
      bindings: this.bindings(scope),
      tmpfs: [],
      essential: false,
      restartAttemptPeriod: Duration.minutes(1),
      memoryReservationMiB: MEMORY,
      stopTimeout: Duration.seconds(30),
    });
    const all = (resource: string) => Stack.of(scope).formatArn({ service: 'ecs', resource, resourceName: `${clusterName}/*` });
    const allow = (actions: string[], resources: string[], conditions = {}) => {
      const statement = new iam.PolicyStatement({
        actions: actions.map(action => `ecs:${action}`), resources, conditions: { ArnEquals: { 'ecs:cluster': clusterArn }, ...conditions },
      });
      taskDefinition.taskRole.addToPrincipalPolicy(statement);
      return statement;
    };
    allow(['DescribeTasks', 'GetTaskProtection', 'UpdateTaskProtection'], [all('task')]);
    allow(['ListTasks'], ['*']); // AWS judges every list of tasks as one of everything
    // of its own service as well, whose ARN its policy cannot name: the service waits for the policy
    allow(['DescribeServices'], [all('service')]);
    // the number, and nothing that would run something else
    this.ofServices = allow(['UpdateService'], [], { Null: { 'ecs:task-definition': 'true' }, BoolIfExists: { 'ecs:enable-execute-command': 'false' } });
  }

  /** Adds a pool that follows its queues, or triggerers that follow the triggers. */
  public add(scaled: ClusterService): void {
    this.services.push(scaled);
    this.ofServices.addResources(scaled.service.serviceArn);
  }

  private bindings(scope: Construct): Bindings {
    const { cluster, database, secrets, broker } = this.props;
    return new Bindings([
      metadataDatabaseOfPrograms(database, secrets.database),
      broker._bind(scope, cluster, secrets).binding,
      {
        environment: {
          CONNECTION_CHECK_MAX_COUNT: '0', // it waits by itself, and the image's entry point would load Airflow for it
          SCALER: Lazy.string({ produce: () => this.configuration(scope) }),
        },
      },
    ]);
  }

  /** What the program reads. */
  private configuration(scope: Construct): string {
    const { cluster, parallelism } = this.props;
    return Stack.of(scope).toJsonString({
      cluster: cluster.ecsCluster.clusterName,
      environment: environmentName(cluster),
      parallelism,
      schedulers: cluster._services.schedulers,
      drain: cluster._services.drain.toSeconds(),
      served: cluster._services.pools.flatMap(({ _queues: queues = [] }) => queues),
      pools: this.services.filter(({ _following }) => _following).map(pool => ({
        ...named(pool), queues: pool._queues, ...pool._following,
      })),
      triggerers: this.services.filter(({ _triggering }) => _triggering).map(each => ({ ...named(each), ...each._triggering })),
    });
  }
}

function named({ container, service }: Pick<ClusterService, 'container' | 'service'>) {
  return { name: container.containerName, service: service.serviceName };
}

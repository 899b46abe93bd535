import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { scalerMetric } from './scaler-metric';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { DURATION } from '../properties/cdk-types';
import { validateWhole } from '../properties/durations';
import { listOf, object, PropertyTypes, validateTypes } from '../properties/property-types';

/** Options of the alarms of a deployment. */
export interface AirflowAlarmOptions {
  /**
   * What is done when an alarm goes off, and when it is over.
   *
   * @default - nothing: who looks into CloudWatch sees it
   */
  readonly actions?: cloudwatch.IAlarmAction[];

  /**
   * How long the oldest task of a pool may wait for a worker, a minute or more. A worker takes one or two minutes to start.
   *
   * @default Duration.minutes(10)
   */
  readonly longestWait?: Duration;
}

const TYPES: PropertyTypes<AirflowAlarmOptions> = {
  actions: listOf(object<cloudwatch.IAlarmAction>('an alarm action', 'bind'), 'a list of alarm actions, for example [new SnsAction(topic)]'),
  longestWait: DURATION,
};

const LEAST_WAIT = Duration.minutes(1);

/** A pool of workers that follows its queues, as far as its alarms have to know it. */
interface WatchedPool extends Construct {
  metricOldestQueuedAge(): cloudwatch.Metric;
  metricWorkersDesired(): cloudwatch.Metric;
  metricWorkersRunning(): cloudwatch.Metric;
}

/** Says when tasks wait that need somebody: for a pool, for slots, for workers, or for the scaler itself. Minutes, as its metrics are. */
export class ScalerAlarms extends Construct {
  private readonly actions: cloudwatch.IAlarmAction[];
  private readonly longestWait: Duration;

  constructor(scope: Construct, id: string, cluster: AirflowCluster, options: AirflowAlarmOptions) {
    super(scope, id);

    this.actions = options.actions ?? [];
    this.longestWait = options.longestWait ?? Duration.minutes(10);
    const metric = (name: string) => scalerMetric(this, cluster, name, {});
    this.add(this, 'NoOpenSlots', metric('OpenSlots'), {
      alarmDescription: 'The schedulers queue no more tasks, whatever workers there are: [core] parallelism is used up, or tasks of one queue wait for its workers',
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 5,
    });
    this.add(this, 'UnservedTasks', metric('UnservedTasks'), {
      alarmDescription: 'Tasks wait in a queue that no pool of workers has: the log of the scaler names it',
      threshold: 1,
      evaluationPeriods: 5,
    });
    this.add(this, 'ScalerSilent', metric('OpenSlots'), {
      alarmDescription: 'Nobody sets the number of workers: there is no scheduler, or its scaler does not reach the database',
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 5,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }

  /** The alarms of a pool that follows its queues. */
  public watch(pool: WatchedPool): void {
    this.add(pool, 'QueuedTooLong', pool.metricOldestQueuedAge(), {
      alarmDescription: 'The oldest task has waited for a worker for too long',
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: this.longestWait.toSeconds(),
      evaluationPeriods: 3,
    });
    const missing = new cloudwatch.MathExpression({
      label: 'WorkersMissing',
      expression: 'desired - running',
      usingMetrics: { desired: pool.metricWorkersDesired(), running: pool.metricWorkersRunning() },
      period: Duration.minutes(1),
    });
    this.add(pool, 'MissingWorkers', missing, {
      alarmDescription: 'Workers are wanted that do not start: Fargate has no capacity, the account no quota, or the image cannot be pulled',
      threshold: 1,
      evaluationPeriods: 15,
    });
  }

  private add(scope: Construct, id: string, metric: cloudwatch.IMetric, props: Omit<cloudwatch.AlarmProps, 'metric'>): void {
    const alarm = new cloudwatch.Alarm(scope, id, { treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, ...props, metric });
    alarm.addAlarmAction(...this.actions);
    alarm.addOkAction(...this.actions);
  }
}

/** Refuses what alarms cannot have, before there is one. */
export function validateAlarms(options: AirflowAlarmOptions): void {
  validateTypes(options, TYPES);
  const { longestWait } = options;
  if (!longestWait) { return; }
  validateWhole('longestWait', longestWait, 'seconds');
  if (!longestWait.isUnresolved() && longestWait.toSeconds() < LEAST_WAIT.toSeconds()) {
    throw new Error(`property longestWait must be ${LEAST_WAIT.toHumanString()} or more, got ${longestWait.toSeconds()} seconds`);
  }
}

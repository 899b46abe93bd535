import { Duration, TimeZone, Token } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import type { AirflowService } from './airflow-service';
import { DURATION } from '../properties/cdk-types';
import { object, PropertyTypes, required, shown, validateTypes } from '../properties/property-types';

/** When a deployment sleeps. */
export interface AirflowHibernationOptions {
  /**
   * When it goes to sleep: from then on no task starts. One hour and one minute, on all days or some: `Schedule.cron({ hour: '20', minute: '0', weekDay: 'MON-FRI' })`.
   */
  readonly sleep: appscaling.Schedule;

  /** When it wakes up. Until the first task runs it takes some minutes. */
  readonly wake: appscaling.Schedule;

  /**
   * The time zone of both.
   *
   * @default TimeZone.ETC_UTC
   */
  readonly timeZone?: TimeZone;

  /**
   * How long tasks that run may go on, in whole minutes, up to 12 hours. Then what they report to goes as well, and what still runs is tried again after waking up.
   *
   * @default Duration.minutes(30)
   */
  readonly drain?: Duration;
}

const SCHEDULE = required(object<appscaling.Schedule>('a Schedule, for example Schedule.cron({ hour: "20", minute: "0" })', 'expressionString'));

const TYPES: PropertyTypes<AirflowHibernationOptions> = {
  sleep: SCHEDULE,
  wake: SCHEDULE,
  timeZone: object<TimeZone>('a TimeZone, for example TimeZone.EUROPE_BERLIN', 'timezoneName'),
  drain: DURATION,
};

const DRAIN = { usual: Duration.minutes(30), most: Duration.hours(12) };
const DAY = 24 * 60;

/**
 * Sends services to sleep and wakes them up, by AWS's own schedules: the scheduler first, so that nothing new starts, the others when running tasks have had their time.
 * Workers that follow their queues are sent away by the scaler, when its scheduler goes.
 */
export class Hibernation {
  public readonly drain: Duration;
  private readonly later: appscaling.Schedule;

  constructor(private readonly options: AirflowHibernationOptions) {
    validateTypes(options, TYPES);
    this.drain = options.drain ?? DRAIN.usual;
    validateDrain(this.drain);
    this.later = after(options.sleep, this.drain.toMinutes());
  }

  /** A service, unless the scaler sets its number of tasks. */
  public add({ service, component: { _definition: { executor, scaled } }, _desiredCount: fixed }: AirflowService): void {
    if (scaled) { return; }
    const taskCount = service.node.tryFindChild('TaskCount') as ecs.ScalableTaskCount | undefined
      ?? service.autoScaleTaskCount({ minCapacity: fixed, maxCapacity: fixed });
    const { minCapacity, maxCapacity } = taskCount.node.findAll().find(isTarget)!;
    const { sleep, wake, timeZone = TimeZone.ETC_UTC } = this.options;
    taskCount.scaleOnSchedule('Sleep', { schedule: executor === 'scheduler' ? sleep : this.later, timeZone, minCapacity: 0, maxCapacity: 0 });
    taskCount.scaleOnSchedule('Wake', { schedule: wake, timeZone, minCapacity, maxCapacity });
  }
}

function validateDrain(drain: Duration): void {
  if (drain.isUnresolved()) { throw new Error('property drain must be known at synthesis, got a token: a schedule follows from it'); }
  const minutes = drain.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > DRAIN.most.toMinutes()) {
    throw new Error(`property drain must be whole minutes from 1 to ${DRAIN.most.toMinutes()}, got ${minutes} minutes`);
  }
}

/** A schedule some minutes later. */
function after(sleep: appscaling.Schedule, minutes: number): appscaling.Schedule {
  const [, minute, hour, days] = /^cron\((\d+) (\d+) (.*)\)$/.exec(sleep.expressionString) ?? [];
  if (Token.isUnresolved(sleep.expressionString) || days === undefined) {
    throw new Error(`property sleep must be a Schedule.cron with one hour and one minute, got ${shown(sleep.expressionString)}: drain is added to it`);
  }
  const end = Number(hour) * 60 + Number(minute) + minutes;
  if (end >= DAY && days !== '* * ? *') {
    throw new Error(`property drain must end on the day of sleep where that names days, got ${minutes} minutes after ${sleep.expressionString}`);
  }
  return appscaling.Schedule.expression(`cron(${end % 60} ${Math.floor(end / 60) % 24} ${days})`);
}

function isTarget(construct: IConstruct): construct is appscaling.CfnScalableTarget {
  return construct instanceof appscaling.CfnScalableTarget;
}

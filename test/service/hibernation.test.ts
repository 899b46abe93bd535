import { Duration, Lazy, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { AirflowHibernationOptions, ServerlessAirflow, ServerlessAirflowProps, WebServerScaling, WorkerScaling } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const sleep = Schedule.cron({ hour: '20', minute: '0' });
const wake = Schedule.cron({ hour: '6', minute: '50', weekDay: 'MON-FRI' });

function deployment(options: Partial<AirflowHibernationOptions>, props?: ServerlessAirflowProps) {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow', props);
  airflow.hibernate({ sleep, wake, ...options });
  return { stack, airflow };
}

/** Of each service: when it goes to sleep, and how many tasks it has then and when it wakes. */
function actions(synthesized: SynthesizedStack) {
  return Object.fromEntries(synthesized.ofType('AWS::ApplicationAutoScaling::ScalableTarget').map(([id, { Properties }]) => [
    /^Airflow(\w+)ServiceTaskCount/.exec(id)![1],
    Properties.ScheduledActions.map(({ ScheduledActionName, Schedule: at, Timezone, ScalableTargetAction: { MinCapacity, MaxCapacity } }: any) =>
      [ScheduledActionName, at, Timezone, MinCapacity, MaxCapacity].join(' ')),
  ]));
}

test('the scheduler goes first, the others when running tasks have had their time, and all wake together; Redis never sleeps, and workers that follow queues follow', () => {
  const { stack, airflow } = deployment({ timeZone: TimeZone.EUROPE_BERLIN, drain: Duration.minutes(45) }, {
    scheduler: { desiredCount: 2 },
    webServer: { scaling: WebServerScaling.onCpu({ minTasks: 2, maxTasks: 4 }) },
    executionApi: {},
    worker: { scaling: WorkerScaling.onQueue({ maxWorkers: 2 }) },
  });
  airflow.addWorkerPool('Fixed', { queues: ['fixed'], desiredCount: 3 });
  const synthesized = new SynthesizedStack(stack);
  const times = (at: string, least: number, most = least) => [`Sleep ${at} Europe/Berlin 0 0`, `Wake cron(50 6 ? * MON-FRI *) Europe/Berlin ${least} ${most}`];
  const later = 'cron(45 20 * * ? *)';

  expect(actions(synthesized)).toEqual({
    Scheduler: times('cron(0 20 * * ? *)', 2),
    WebServer: times(later, 2, 4),
    ExecutionApi: times(later, 1),
    DagProcessor: times(later, 1),
    Triggerer: times(later, 1),
    Flower: times(later, 1),
    Fixed: times(later, 3),
  });
  const counts = Object.keys(synthesized.containers).filter(name => !['databases', 'migrate', 'admin', 'scaler'].includes(name))
    .map(name => [name, synthesized.service(name).Properties.DesiredCount]);
  expect(counts.filter(([, count]) => count !== undefined)).toEqual([['redis', 1]]); // a deployment wakes nobody
  expect(JSON.parse(synthesized.containers.scaler.environment.SCALER).drain).toBe(2700);
});

test('by default in UTC and half an hour later, past midnight where it sleeps every day', () => {
  const { stack } = deployment({ sleep: Schedule.cron({ hour: '23', minute: '40' }) }, { flower: { enabled: false } });
  const { Scheduler, Triggerer } = actions(new SynthesizedStack(stack));

  expect([Scheduler[0], Triggerer[0]]).toEqual(['Sleep cron(40 23 * * ? *) Etc/UTC 0 0', 'Sleep cron(10 0 * * ? *) Etc/UTC 0 0']);
});

test.each<[any, string]>([
  [{ sleep: undefined }, 'property sleep must be a Schedule, for example Schedule.cron({ hour: "20", minute: "0" }), got undefined'],
  [{ sleep: Schedule.cron({ minute: '0' }) }, 'property sleep must be a Schedule.cron with one hour and one minute, got "cron(0 * * * ? *)": drain is added to it'],
  [{ sleep: Schedule.rate(Duration.days(1)) }, 'property sleep must be a Schedule.cron with one hour and one minute, got "rate(1 day)": drain is added to it'],
  [{ sleep: Schedule.expression(Lazy.string({ produce: () => '' })) }, 'property sleep must be a Schedule.cron with one hour and one minute, got a token: drain is added to it'],
  [{ sleep: Schedule.cron({ hour: '23', minute: '40', weekDay: 'FRI' }) },
    'property drain must end on the day of sleep where that names days, got 30 minutes after cron(40 23 ? * FRI *)'],
  [{ drain: Duration.seconds(90) }, 'property drain must be whole minutes from 1 to 720, got 1.5 minutes'],
  [{ drain: Duration.hours(13) }, 'property drain must be whole minutes from 1 to 720, got 780 minutes'],
  [{ drain: Duration.minutes(Lazy.number({ produce: () => 5 })) }, 'property drain must be known at synthesis, got a token: a schedule follows from it'],
  [{ timeZone: 'Europe/Berlin' }, 'property timeZone must be a TimeZone, for example TimeZone.EUROPE_BERLIN, got "Europe/Berlin"'],
])('fails for %#', (options, message) => {
  expect(() => deployment(options)).toThrow(message);
});

test('fails for two calls', () => {
  const { airflow } = deployment({});

  expect(() => airflow.hibernate({ sleep, wake })).toThrow('property options must have the only times of sleep, in one call of hibernate, got a second one for Stack/Airflow');
});

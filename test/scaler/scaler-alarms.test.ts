import { Duration, Lazy } from 'aws-cdk-lib';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AirflowAlarmOptions, ServerlessAirflow, WorkerScaling } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const onQueue = WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 10 });
const Environment = { Name: 'Environment', Value: 'StackAirflowClusterEA4B7A5F' };

function deployment(scaling = onQueue) {
  const stack = newStack();
  return { stack, airflow: new ServerlessAirflow(stack, 'Airflow', { worker: { scaling } }) };
}

test('a deployment and each of its pools have these alarms, which tell a topic of both ends', () => {
  const { stack, airflow } = deployment();
  const topic = new sns.Topic(stack, 'Topic');
  airflow.addWorkerPool('Fixed', { queues: ['fixed'] });
  airflow.addAlarms({ actions: [new actions.SnsAction(topic)], longestWait: Duration.minutes(5) });
  airflow.addWorkerPool('Etl', { queues: ['etl'], scaling: onQueue });

  const alarms = new SynthesizedStack(stack).ofType('AWS::CloudWatch::Alarm').map(([id, { Properties: { AlarmDescription, AlarmActions, OKActions, ...rule } }]) => {
    expect([AlarmActions, OKActions, typeof AlarmDescription]).toEqual([[{ Ref: 'TopicBFC7AF6E' }], [{ Ref: 'TopicBFC7AF6E' }], 'string']);
    return [id.replace(/[0-9A-F]{8}$/, ''), rule];
  });
  const metric = (MetricName: string, Dimensions: object[]) => ({ Namespace: 'ServerlessAirflow', MetricName, Dimensions, Period: 60, Statistic: 'Maximum' });
  const ofPool = (Pool: string) => {
    const dimensions = [Environment, { Name: 'Pool', Value: Pool }];
    const stat = (Id: string, name: string) => {
      const { Period, Statistic: Stat, ...Metric } = metric(name, dimensions);
      return { Id, MetricStat: { Metric, Period, Stat }, ReturnData: false };
    };
    return {
      QueuedTooLong: {
        ...metric('OldestQueuedSeconds', dimensions), ComparisonOperator: 'GreaterThanThreshold', Threshold: 300, EvaluationPeriods: 3, TreatMissingData: 'notBreaching',
      },
      MissingWorkers: {
        Metrics: [
          { Expression: 'desired - running', Id: 'expr_1', Label: 'WorkersMissing', ReturnData: true },
          stat('desired', 'WorkersDesired'),
          stat('running', 'WorkersRunning'),
        ],
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 1,
        EvaluationPeriods: 15,
        TreatMissingData: 'notBreaching',
      },
    };
  };
  const { QueuedTooLong, MissingWorkers } = ofPool('worker');
  const etl = ofPool('worker-etl');
  expect(Object.fromEntries(alarms)).toEqual({
    AirflowAlarmsNoOpenSlots: {
      ...metric('OpenSlots', [Environment]), ComparisonOperator: 'LessThanOrEqualToThreshold', Threshold: 0, EvaluationPeriods: 5, TreatMissingData: 'notBreaching',
    },
    AirflowAlarmsUnservedTasks: {
      ...metric('UnservedTasks', [Environment]), ComparisonOperator: 'GreaterThanOrEqualToThreshold', Threshold: 1, EvaluationPeriods: 5, TreatMissingData: 'notBreaching',
    },
    AirflowAlarmsScalerSilent: {
      ...metric('OpenSlots', [Environment]), ComparisonOperator: 'LessThanThreshold', Threshold: 0, EvaluationPeriods: 5, TreatMissingData: 'breaching',
    },
    AirflowWorkerQueuedTooLong: QueuedTooLong,
    AirflowWorkerMissingWorkers: MissingWorkers,
    AirflowEtlQueuedTooLong: etl.QueuedTooLong,
    AirflowEtlMissingWorkers: etl.MissingWorkers,
  });
});

test('without options they only show, after ten minutes; a token passes', () => {
  const wait = (options?: AirflowAlarmOptions) => {
    const { stack, airflow } = deployment();
    airflow.addAlarms(options);
    const { Threshold, AlarmActions, OKActions } = new SynthesizedStack(stack).ofType('AWS::CloudWatch::Alarm').find(([id]) => id.includes('QueuedTooLong'))![1].Properties;
    return [Threshold, AlarmActions, OKActions];
  };

  expect(wait()).toEqual([600, undefined, undefined]);
  expect(wait({ longestWait: Duration.seconds(Lazy.number({ produce: () => 90 })) })).toEqual([90, undefined, undefined]);
});

describe('fails for', () => {
  test.each<[any, string]>([
    [{ longestWait: Duration.seconds(59) }, 'property longestWait must be 1 minute or more, got 59 seconds'],
    [{ longestWait: Duration.millis(60500) }, 'property longestWait must be whole seconds, got 60.5 seconds'],
    [{ actions: ['topic'] }, 'property actions must be a list of alarm actions, for example [new SnsAction(topic)], got ["topic"]'],
  ])('%j', (options, message) => {
    expect(() => deployment().airflow.addAlarms(options)).toThrow(message);
  });

  test('two calls', () => {
    const { airflow } = deployment();
    airflow.addAlarms();

    expect(() => airflow.addAlarms()).toThrow('property options must have all that alarms do, in one call of addAlarms, got a second one for Stack/Airflow');
  });

  test('no pool that follows its queues', () => {
    const { airflow } = deployment(WorkerScaling.fixed(1));
    airflow.addAlarms();

    expect(airflow.node.validate()).toEqual([
      'property scaling must be WorkerScaling.onQueue for one pool at least where addAlarms is called, got fixed numbers of workers: nobody writes the metrics',
    ]);
  });
});

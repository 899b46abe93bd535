import { CfnParameter } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AirflowWorkerPoolOptions, ServerlessAirflow, ServerlessAirflowProps, WorkerCapacity, WorkerScaling } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

function deployment(props?: ServerlessAirflowProps) {
  const stack = newStack();
  return { stack, airflow: new ServerlessAirflow(stack, 'Airflow', props) };
}

function synthesize(options: AirflowWorkerPoolOptions) {
  const { stack, airflow } = deployment();
  airflow.addWorkerPool('Etl', { queues: ['etl'], ...options });
  const synthesized = new SynthesizedStack(stack);
  return { synthesized, Properties: synthesized.service('worker-etl').Properties };
}

test('as many workers as scaling says', () => {
  expect(synthesize({ scaling: WorkerScaling.fixed(4) }).Properties.DesiredCount).toBe(4);
});

test('one more pool that follows its queues adds 15 resources', () => {
  const { stack, airflow } = deployment();
  const scaling = WorkerScaling.onQueue({ maxWorkers: 3 });
  ['Etl', 'More'].forEach(name => airflow.addWorkerPool(name, { queues: [name], scaling }));
  const [one, two] = [synthesize({ scaling }).synthesized, new SynthesizedStack(stack)].map(({ resources }) => Object.values(resources));
  const count = (resources: any[], type: string) => resources.filter(({ Type }) => Type === type).length;
  const types = [...new Set(two.map(({ Type }) => Type))].filter(type => count(two, type) !== count(one, type));

  expect(Object.fromEntries(types.map(type => [type, count(two, type) - count(one, type)]))).toEqual({
    'AWS::ECS::Service': 1,
    'AWS::ECS::TaskDefinition': 1,
    // of the task and of its execution
    'AWS::IAM::Role': 2,
    'AWS::IAM::Policy': 2,
    'AWS::EC2::SecurityGroup': 1,
    // to the database, Redis and the web server, and from it to live logs: one on each side
    'AWS::EC2::SecurityGroupIngress': 4,
    'AWS::EC2::SecurityGroupEgress': 4,
  });
});

test('on-demand capacity by default, or Spot', () => {
  const { CapacityProviderStrategy, LaunchType } = synthesize({ capacity: WorkerCapacity.onDemand() }).Properties;

  expect({ CapacityProviderStrategy, LaunchType }).toEqual({ LaunchType: 'FARGATE' });
  const spot = synthesize({ desiredCount: 3, capacity: WorkerCapacity.spot({ onDemandBase: 1 }) }).Properties;
  expect({ strategy: spot.CapacityProviderStrategy, LaunchType: spot.LaunchType }).toEqual({
    strategy: [{ CapacityProvider: 'FARGATE', Base: 1, Weight: 0 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
  });
});

test('an image of its own', () => {
  const { synthesized: { containers } } = synthesize({ image: ecs.ContainerImage.fromRegistry('example.com/etl:1') });

  expect([containers['worker-etl'].definition.Image, containers.worker.definition.Image]).toEqual(['example.com/etl:1', 'apache/airflow:3.3.2']);
});

describe('a queue belongs to one pool', () => {
  test.each([
    ['default', undefined],
    ['default', { environment: {} }],
    ['etl', { worker: { queues: ['etl', 'default'] } }],
    ['mine', { environment: { AIRFLOW__OPERATORS__DEFAULT_QUEUE: 'mine' } }],
  ])('%s', (queue, props) => {
    const { airflow } = deployment(props);

    expect(() => airflow.addWorkerPool('Etl', { queues: ['other', queue] }))
      .toThrow(`property queues must have queues that no other pool of the deployment has, got "${queue}", which Stack/Airflow/Worker has`);
  });

  test('also one that has none', () => {
    expect(() => deployment().airflow.addWorkerPool('Etl')).toThrow('property queues must have queues that no other pool of the deployment has, got "default"');
  });

  test('not one that is known at deployment only, nor one of another deployment', () => {
    const { stack, airflow } = deployment();
    airflow.addWorkerPool('Etl', { queues: [new CfnParameter(stack, 'Queue').valueAsString] });
    airflow.addWorkerPool('More', { queues: new CfnParameter(stack, 'Queues', { type: 'CommaDelimitedList' }).valueAsList });

    expect(() => new ServerlessAirflow(stack, 'Other')).not.toThrow();
  });
});

test.each([
  [{ scaling: WorkerScaling.fixed(2), desiredCount: 2 }, 'property desiredCount must be left out when property scaling is given, got 2: scaling says how many workers there are'],
  [{ capacity: WorkerCapacity.spot({ onDemandBase: 2 }) }, 'property capacity must have an onDemandBase of 1 or less, as many as there are workers, got 2'],
  [{ scaling: WorkerScaling.fixed(3), capacity: WorkerCapacity.spot({ onDemandBase: 4 }) }, 'property capacity must have an onDemandBase of 3 or less, as many as there are workers, got 4'],
  [{ scaling: 3 as any }, 'property scaling must be a WorkerScaling, for example WorkerScaling.fixed(3), got 3'],
  [{ capacity: 'spot' as any }, 'property capacity must be a WorkerCapacity, for example WorkerCapacity.spot(), got "spot"'],
])('fails for %#', (options, message) => {
  const { airflow } = deployment();

  expect(() => airflow.addWorkerPool('Etl', { queues: ['etl'], ...options })).toThrow(message);
});

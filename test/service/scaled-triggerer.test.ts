import { Token } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { AirflowPreset, AirflowTriggererOptions, ServerlessAirflow, TriggererScaling } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

function deployment(triggerer: AirflowTriggererOptions, preset?: AirflowPreset) {
  const stack = newStack();
  return { stack, airflow: new ServerlessAirflow(stack, 'Airflow', { triggerer, preset }) };
}

interface Given {
  readonly minTasks?: number;
  readonly preset?: AirflowPreset;
  readonly environment?: Record<string, string>;
}

/** What the scaler is told, and the connections to the database that are counted. */
function told(maxTasks: number, { minTasks, preset, environment }: Given = {}) {
  const { stack, airflow } = deployment({ scaling: TriggererScaling.onTriggers({ minTasks, maxTasks }), environment }, preset);
  const { triggerers: [{ each, min, max }] } = JSON.parse(new SynthesizedStack(stack).containers.scaler.environment.SCALER);
  return [each, min, max, airflow.triggerer._connections];
}

describe('without a pool that follows its queues', () => {
  const { stack, airflow } = deployment({ scaling: TriggererScaling.onTriggers({ minTasks: 2, maxTasks: 4 }) });
  airflow.hibernate({ sleep: Schedule.cron({ hour: '20', minute: '0' }), wake: Schedule.cron({ hour: '7', minute: '0' }) });
  const synthesized = new SynthesizedStack(stack);

  test('there is a scaler, which is told this', () => {
    const { pools, triggerers } = JSON.parse(synthesized.containers.scaler.environment.SCALER);

    expect({ pools, triggerers }).toEqual({
      pools: [], triggerers: [{ name: 'triggerer', service: '${AirflowTriggererService237639F5.Name}', each: 800, min: 2, max: 4, hold: 300 }],
    });
    expect(synthesized.permissions('scheduler', 'TaskRoleArn').filter(statement => statement.includes('UpdateService')))
      .toEqual([expect.stringContaining('Allow ecs:UpdateService on ${AirflowTriggererService237639F5} if')]);
  });

  test('a deployment leaves the number alone, and so does sleep: the scaler sees to it', () => {
    expect(synthesized.service('triggerer').Properties.DesiredCount).toBeUndefined();
    expect(synthesized.ofType('AWS::ApplicationAutoScaling::ScalableTarget').filter(([id]) => id.includes('Triggerer'))).toEqual([]);
  });
});

test('bounds and capacity follow preset and settings', () => {
  const AIRFLOW__TRIGGERER__CAPACITY = '50';

  expect(told(3)).toEqual([800, 1, 3, 3 * 15 * 2]);
  expect(told(1, { preset: AirflowPreset.PRODUCTION })).toEqual([800, 1, 1, 15 * 2]);
  expect(told(3, { preset: AirflowPreset.PRODUCTION })).toEqual([800, 2, 3, 3 * 15 * 2]);
  expect(told(3, { minTasks: 3, environment: { AIRFLOW__TRIGGERER__CAPACITY } })).toEqual([40, 3, 3, 3 * 15 * 2]);
  expect(told(3, { environment: { AIRFLOW__TRIGGERER__CAPACITY: '1' } })[0]).toBe(1);
  const { stack } = deployment({ scaling: TriggererScaling.onTriggers({ maxTasks: Token.asNumber({ Ref: 'Most' }) }) }, AirflowPreset.PRODUCTION);
  expect(() => new SynthesizedStack(stack)).not.toThrow();
});

test.each<[any, string]>([
  [{ scaling: TriggererScaling.onTriggers({ maxTasks: 2 }), desiredCount: 2 }, 'property desiredCount must be left out when property scaling is given, got 2: scaling says how many tasks there are'],
  [{ scaling: 3 }, 'property triggerer.scaling must be a TriggererScaling, for example TriggererScaling.onTriggers({ maxTasks: 4 }), got 3'],
])('fails for %#', (options, message) => {
  expect(() => deployment(options)).toThrow(message);
});

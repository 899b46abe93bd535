import { Token } from 'aws-cdk-lib';
import { AirflowPreset, AirflowWebServerOptions, ServerlessAirflow, WebServerScaling } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

function synthesize(webServer: AirflowWebServerOptions, preset?: AirflowPreset, executionApi?: AirflowWebServerOptions) {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow', { webServer, preset, executionApi });
  return { airflow, synthesized: new SynthesizedStack(stack) };
}

const bounds = (synthesized: SynthesizedStack) => synthesized.ofType('AWS::ApplicationAutoScaling::ScalableTarget').map(([, { Properties }]) => [Properties.MinCapacity, Properties.MaxCapacity]);

test('two resources, and a service that does not say how many tasks it has', () => {
  const { airflow, synthesized } = synthesize({ scaling: WebServerScaling.onCpu({ minTasks: 2, maxTasks: 4 }) });
  const plain = synthesize({}).synthesized;
  const added = Object.entries(synthesized.resources).filter(([id]) => !(id in plain.resources));

  expect(added.map(([, { Type }]) => Type)).toEqual(['AWS::ApplicationAutoScaling::ScalableTarget', 'AWS::ApplicationAutoScaling::ScalingPolicy']);
  const [target, policy] = added.map(([, { Properties }]) => Properties);
  expect([target.MinCapacity, target.MaxCapacity, target.ServiceNamespace, target.ScalableDimension]).toEqual([2, 4, 'ecs', 'ecs:service:DesiredCount']);
  expect([policy.PolicyType, policy.TargetTrackingScalingPolicyConfiguration]).toEqual(['TargetTrackingScaling', {
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' }, TargetValue: 50, ScaleOutCooldown: 60, ScaleInCooldown: 300,
  }]);
  expect(synthesized.service('web-server').Properties.DesiredCount).toBeUndefined();
  // of each: two pools of 15 connections, twice during an update
  expect([airflow.webServer._connections, plain.service('web-server').Properties.DesiredCount]).toEqual([4 * 30 * 2, 1]);
});

test('the least number is that of the preset, and not more than the greatest', () => {
  const onCpu = (maxTasks: number) => ({ scaling: WebServerScaling.onCpu({ maxTasks }) });
  const { PRODUCTION } = AirflowPreset;

  expect(bounds(synthesize(onCpu(3)).synthesized)).toEqual([[1, 3]]);
  expect(bounds(synthesize(onCpu(4), PRODUCTION, onCpu(1)).synthesized)).toEqual([[1, 1], [2, 4]]);
  expect(bounds(synthesize(onCpu(Token.asNumber({ Ref: 'Most' })), PRODUCTION).synthesized)).toEqual([[2, { Ref: 'Most' }]]);
});

test.each<[any, string]>([
  [{ scaling: WebServerScaling.onCpu({ maxTasks: 2 }), desiredCount: 2 }, 'property desiredCount must be left out when property scaling is given, got 2: scaling says how many tasks there are'],
  [{ scaling: 3 }, 'property webServer.scaling must be a WebServerScaling, for example WebServerScaling.onCpu({ maxTasks: 4 }), got 3'],
])('fails for %#', (options, message) => {
  expect(() => synthesize(options)).toThrow(message);
});

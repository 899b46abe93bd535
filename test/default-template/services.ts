import { expect } from 'expect';
import { Check, forEach } from './check';

/** Minimum and maximum percent of a deployment, rebalancing of availability zones. */
const DEPLOYMENTS = {
  'web-server': [100, 200, 'ENABLED'],
  'scheduler': [100, 200, 'ENABLED'],
  'dag-processor': [100, 200, 'ENABLED'],
  'triggerer': [100, 200, 'ENABLED'],
  'worker': [100, 200, 'DISABLED'],
  'flower': [0, 100, 'DISABLED'],
  'redis': [0, 100, 'DISABLED'],
};

export const SERVICE: Check[] = [
  ...forEach(DEPLOYMENTS, container => `how ${container} is deployed`, (synthesized, container, [MinimumHealthyPercent, MaximumPercent, rebalancing]) => {
    const { Properties } = synthesized.service(container);

    expect(Properties.DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent,
      MaximumPercent,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
    expect(Properties.DeploymentController).toEqual({ Type: 'ECS' });
    expect(Properties.LaunchType).toBe('FARGATE');
    expect(Properties.AvailabilityZoneRebalancing).toBe(rebalancing);
    expect(Properties.DesiredCount).toBe(1);
    expect(Properties).toMatchObject({ EnableECSManagedTags: true, PropagateTags: 'SERVICE' });
    expect(Properties.Cluster).toEqual({ Ref: 'AirflowCluster1E2C574F' });
    expect(Properties.ServiceName).toBeUndefined();
    expect(Properties.EnableExecuteCommand).toBeUndefined();
  }),
];

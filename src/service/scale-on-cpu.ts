import { Duration } from 'aws-cdk-lib';
import type { AirflowService } from './airflow-service';
import { leastTasks } from '../scaling/task-bounds';
import type { WebServerScaling } from '../scaling/web-server-scaling';

/** Percent of what the tasks have. A start of Airflow takes a minute, in which those that are there have to bear the rest. */
const CPU = 50;

/**
 * Lets AWS set how many tasks a service has. Its template says no number then, so that a deployment does not reset it.
 *
 * @param unscaled how many there are without scaling
 */
export function scaleOnCpu({ service }: AirflowService, { _onCpu: bounds }: WebServerScaling, unscaled: number): void {
  service.autoScaleTaskCount({ minCapacity: leastTasks(bounds, unscaled), maxCapacity: bounds.maxTasks }).scaleOnCpuUtilization('Cpu', {
    targetUtilizationPercent: CPU,
    scaleOutCooldown: Duration.minutes(1),
    scaleInCooldown: Duration.minutes(5),
  });
}

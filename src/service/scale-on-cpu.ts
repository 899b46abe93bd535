import { Duration, Token } from 'aws-cdk-lib';
import type { AirflowService } from './airflow-service';
import type { WebServerScaling } from '../scaling/web-server-scaling';

/** Percent of what the tasks have. A start of Airflow takes a minute, in which those that are there have to bear the rest. */
const CPU = 50;

/**
 * Lets AWS set how many tasks a service has. Its template says no number then, so that a deployment does not reset it.
 *
 * @param unscaled how many there are without scaling
 */
export function scaleOnCpu({ service }: AirflowService, { _onCpu: { minTasks, maxTasks } }: WebServerScaling, unscaled: number): void {
  const least = Token.isUnresolved(maxTasks) ? unscaled : Math.min(unscaled, maxTasks);
  service.autoScaleTaskCount({ minCapacity: minTasks ?? least, maxCapacity: maxTasks }).scaleOnCpuUtilization('Cpu', {
    targetUtilizationPercent: CPU,
    scaleOutCooldown: Duration.minutes(1),
    scaleInCooldown: Duration.minutes(5),
  });
}

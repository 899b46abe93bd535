import { Duration, Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import type { AirflowCluster } from '../cluster/airflow-cluster';

/** A metric that the scaler writes every minute, as lines of its log which CloudWatch Logs makes metrics of. */
export function scalerMetric(
  scope: IConstruct, cluster: AirflowCluster, metricName: string, dimensions: Record<string, string>, props?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'ServerlessAirflow',
    metricName,
    dimensionsMap: { Environment: environmentName(cluster), ...dimensions },
    statistic: cloudwatch.Stats.MAXIMUM,
    period: Duration.minutes(1),
    ...props,
  }).attachTo(scope);
}

/** What tells deployments from each other. */
export function environmentName(cluster: AirflowCluster): string {
  return Names.uniqueId(cluster);
}

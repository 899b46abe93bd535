import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { AirflowServiceProps } from './airflow-service-props';
import type { Bricks } from './given-parts';
import type { Deployment } from '../cluster/cluster-services';

/** What a component runs, listens on and needs. Nothing else decides what its container gets. */
export interface ComponentDefinition {
  /** Name of the container. */
  readonly name: string;
  /** Arguments of the official image's entry point. */
  readonly command: string[];
  readonly port?: number;
  /** Name in the private DNS namespace. Components with a name speak HTTP with people. */
  readonly privateName?: string;
  /** Names of the components that connect to the port. */
  readonly clients: string[];

  /** Bricks that it is bound to. */
  readonly metadataDatabase: boolean;
  readonly resultDatabase: boolean;
  readonly broker: boolean;
  readonly fernetKey: boolean;
  readonly jwtSecret: boolean;
  readonly apiSecretKey: boolean;
  readonly flowerPassword: boolean;
  /** All components know the configuration of the DAG bundles; some read the bundles. */
  readonly dags: 'configuration' | 'read';
  readonly taskLogs: 'none' | 'read' | 'write';
  /** Whether it has worker slots, queues and Spot capacity. */
  readonly runsTasks: boolean;

  /** CPU units */
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeout: number;
  /** Two tasks must never run at once, during deployments neither. */
  readonly single: boolean;
  /** Whether ECS may stop a task to move it to another zone. */
  readonly rebalanced: boolean;

  /** Variables of this component alone. */
  environment(props: AirflowServiceProps, deployment: Deployment): Record<string, string>;
  healthCheck(bricks: Bricks): ecs.HealthCheck;
}

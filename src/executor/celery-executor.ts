import { flowerLogin } from './flower';
import type { Binding } from '../binding';
import type { AirflowBroker } from '../broker/airflow-broker';
import type { BoundBroker } from '../broker/bound-broker';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { resultDatabase } from '../database/connections';
import type { IAirflowDatabase } from '../database/database';
import type { AirflowSecret } from '../secrets/airflow-secret';
import type { AirflowSecrets } from '../secrets/airflow-secrets';

/** What Celery needs. */
export interface CeleryExecutorParts {
  readonly cluster: AirflowCluster;
  readonly broker: AirflowBroker;
  readonly database: IAirflowDatabase;
  readonly secrets: AirflowSecrets;
}

/** Where a component stands: it sends tasks, runs them, or watches. */
export type ExecutorRole = 'scheduler' | 'worker' | 'flower';

/** Runs tasks on Celery workers: what the components get that take part in it. All of Celery is here and in the broker. */
export class CeleryExecutor {
  /** Value of `[core] executor`. */
  public static readonly NAME = 'CeleryExecutor';

  constructor(private readonly parts: CeleryExecutorParts) {}

  public bind(role: ExecutorRole): Binding[] {
    const { broker, parts: { database, secrets } } = this;
    const results = () => resultDatabase(database, secrets.resultDatabase);
    const transport = { environment: broker.transportOptions };
    switch (role) {
      case 'scheduler': return [results(), broker.binding, transport, PUBLISHING];
      case 'worker': return [results(), broker.binding, transport];
      case 'flower': return [broker.binding, flowerLogin(passwordOfFlower(secrets))];
    }
  }

  /** Command line that tells whether the worker beside it takes tasks. */
  public get workerCheck(): string {
    return this.broker.workerCheck;
  }

  /** Defined when the first component asks for it. */
  private get broker(): BoundBroker {
    const { cluster, broker, secrets } = this.parts;
    return broker._bind(cluster, cluster, secrets);
  }
}

function passwordOfFlower({ flower }: AirflowSecrets): AirflowSecret {
  if (!flower) {
    throw new Error('property secrets must have a password of Flower, got AirflowSecrets with flowerEnabled: false: leave that out, or leave Flower out');
  }
  return flower;
}

const PUBLISHING: Binding = {
  environment: {
    // Airflow retries only a publish that timed out, and fails the task of a refused one: Celery's endless retry makes the one of the other
    AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES: '100',
    AIRFLOW__CELERY__EXTRA_CELERY_CONFIG: JSON.stringify({
      task_publish_retry_policy: { max_retries: null, interval_start: 0.2, interval_step: 0.2, interval_max: 0.5 },
    }),
  },
};

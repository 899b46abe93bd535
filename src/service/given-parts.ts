import type { AirflowServiceProps } from './airflow-service-props';
import type { BoundBroker, BoundDagSource, BoundTaskLogs } from './bound-parts';
import { DagSource } from '../dags/dag-source';
import type { IAirflowDatabase } from '../database/airflow-database';
import type { IFernetKey } from '../fernet-key/fernet-key';

/** The bricks that were given to a service. Asking for one that was not is an error. */
export class Bricks {
  constructor(private readonly props: AirflowServiceProps) {}

  public get database(): IAirflowDatabase {
    return this.required(this.props.database, 'database');
  }

  public get fernetKey(): IFernetKey {
    return this.required(this.props.fernetKey, 'fernetKey');
  }

  public get broker(): BoundBroker {
    const { cluster, secrets, broker } = this.props;
    return this.required(broker, 'broker')._bind(cluster, cluster, secrets);
  }

  public get taskLogs(): BoundTaskLogs {
    const { cluster, taskLogs } = this.props;
    return this.required(taskLogs, 'taskLogs')._bind(cluster, cluster);
  }

  public get dags(): BoundDagSource[] {
    const { cluster, dags = [DagSource.image()] } = this.props;
    return dags.map(dag => dag._bind(cluster, cluster));
  }

  private required<T>(brick: T | undefined, property: string): T {
    if (!brick) {
      throw new Error(`property ${property} must be given for the component ${this.props.component.name}, which needs it`);
    }
    return brick;
  }
}

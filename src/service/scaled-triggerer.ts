import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AirflowComponent } from './airflow-component';
import { AirflowService } from './airflow-service';
import type { AirflowServiceProps } from './airflow-service-props';
import type { Bounds, Triggering } from '../cluster/cluster-services';
import { setting } from '../database/connection-budget';
import { leastTasks } from '../scaling/task-bounds';
import type { TriggererScaling } from '../scaling/triggerer-scaling';

/** Airflow's own default, and the share of it that a triggerer may be filled to before there are more. */
const CAPACITY = 1000;
const FILLED = 0.8;
/** Seconds that triggerers have to be too many. */
const HOLD = 300;

/** Triggerers, as many as the scaler finds to be needed. */
export class ScaledTriggerer extends AirflowService {
  /** @internal */
  public readonly _triggering: Triggering;

  constructor(scope: Construct, id: string, props: AirflowServiceProps, scaling: TriggererScaling, unscaled: number) {
    super(scope, id, { ...props, component: AirflowComponent._of({ ...AirflowComponent.TRIGGERER._definition, scaled: true }) });

    const bounds = scaling._onTriggers;
    const each = Math.floor(FILLED * setting(props.environment ?? {}, 'AIRFLOW__TRIGGERER__CAPACITY', CAPACITY));
    this._triggering = { each: Math.max(1, each), min: leastTasks(bounds, unscaled), max: bounds.maxTasks, hold: HOLD };
    props.cluster._services.scale(this);
  }

  /** @internal */
  public get _tasks(): Bounds {
    const { min, max } = this._triggering;
    return { min: Token.isUnresolved(min) ? 0 : min, max: Token.isUnresolved(max) ? 0 : max, known: !Token.isUnresolved(max) };
  }
}

import * as ecs from 'aws-cdk-lib/aws-ecs';
import { validateWholeNumber } from '../properties/numbers';
import { NUMBER, PropertyTypes, validateTypes } from '../properties/property-types';

/** How workers are shared out between Fargate Spot and on-demand capacity. */
export interface WorkerCapacitySpotOptions {
  /**
   * How many workers run on on-demand capacity before Spot is used.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * Of the workers beyond `onDemandBase`: the share that runs on on-demand capacity, beside `spotWeight`.
   *
   * @default 0
   */
  readonly onDemandWeight?: number;

  /**
   * Of the workers beyond `onDemandBase`: the share that runs on Spot, beside `onDemandWeight`.
   *
   * @default 1
   */
  readonly spotWeight?: number;
}

const TYPES: PropertyTypes<WorkerCapacitySpotOptions> = { onDemandBase: NUMBER, onDemandWeight: NUMBER, spotWeight: NUMBER };

/** What ECS takes in a capacity provider strategy. */
const MOST_BASE = 100_000;
const MOST_WEIGHT = 1000;

/**
 * The kind of Fargate capacity that the workers of a pool run on.
 *
 * @example
 * declare const airflow: ServerlessAirflow;
 *
 * airflow.addWorkerPool('Reports', { queues: ['reports'], desiredCount: 3, capacity: WorkerCapacity.spot({ onDemandBase: 1 }) });
 */
export class WorkerCapacity {
  /** Capacity that AWS does not take back. */
  public static onDemand(): WorkerCapacity {
    return new WorkerCapacity('on demand');
  }

  /**
   * Spare capacity at a lower price, which AWS takes back with a warning of two minutes; Airflow tries a task again that was running then. Where there
   * is none, ECS waits for it: it does not take on-demand capacity instead. An existing ECS cluster needs the capacity provider `FARGATE_SPOT`.
   *
   * @param options how many workers run on on-demand capacity nevertheless
   */
  public static spot(options: WorkerCapacitySpotOptions = {}): WorkerCapacity {
    validateTypes(options, TYPES);
    const { onDemandBase = 0, onDemandWeight = 0, spotWeight = 1 } = options;
    validateWholeNumber('onDemandBase', onDemandBase, 0, MOST_BASE);
    validateWholeNumber('onDemandWeight', onDemandWeight, 0, MOST_WEIGHT);
    validateWholeNumber('spotWeight', spotWeight, 1, MOST_WEIGHT);
    const onDemand = onDemandBase === 0 && onDemandWeight === 0 ? [] : [{ capacityProvider: 'FARGATE', base: onDemandBase, weight: onDemandWeight }];
    return new WorkerCapacity('Spot', [...onDemand, { capacityProvider: 'FARGATE_SPOT', weight: spotWeight }], onDemandBase);
  }

  /**
   * For people.
   *
   * @internal
   */
  public readonly _name: string;

  /**
   * Of the service; it has the launch type instead where there are none.
   *
   * @internal
   */
  public readonly _strategies?: ecs.CapacityProviderStrategy[];

  /** @internal */
  public readonly _onDemandBase: number;

  private constructor(name: string, strategies?: ecs.CapacityProviderStrategy[], onDemandBase = 0) {
    this._name = name;
    this._strategies = strategies;
    this._onDemandBase = onDemandBase;
  }
}

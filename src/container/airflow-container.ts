import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { Bindings } from '../binding';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { containerSecurity } from '../fargate/container-security';
import { ARCHITECTURE, IMAGE } from '../properties/cdk-types';
import { object, PropertyTypes } from '../properties/property-types';
import { AirflowVersion } from '../version/airflow-version';

/** User `airflow` of the official image, whose entry point wants the group 0. */
const USER = '50000:0';

/** The image that Airflow runs from. */
export interface AirflowImageOptions {
  /**
   * The Airflow release in the image.
   *
   * @default AirflowVersion.V3_3_2
   */
  readonly version?: AirflowVersion;

  /**
   * The image. It has to have the entry point of the official one, and the release that `version` says. A configuration file in it is read if the
   * variable `AIRFLOW_CONFIG` in `environment` names it.
   *
   * @default - the official image of the Airflow release, from Docker Hub
   */
  readonly image?: ecs.ContainerImage;

  /**
   * The processor architecture that the image is made for.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
}

export const IMAGE_TYPES: PropertyTypes<AirflowImageOptions> = {
  version: object<AirflowVersion>('an AirflowVersion, for example AirflowVersion.of("3.3.2")', '_measured'),
  image: IMAGE,
  cpuArchitecture: ARCHITECTURE,
};

export interface AirflowContainerProps extends AirflowImageOptions {
  readonly cluster: AirflowCluster;
  /** Log streams are `<logStreamPrefix>/<container>/<task>`. */
  readonly logStreamPrefix: string;
  /** Arguments of the image's entry point. */
  readonly command: string[];
  /** What the container is given; later ones win. */
  readonly bindings: Bindings;
  /** Mounts that it can write to. It can write to nothing else. */
  readonly tmpfs: ecs.Tmpfs[];
  readonly essential?: boolean;
  /** It is started again when it ends, once in this time at most. */
  readonly restartAttemptPeriod?: Duration;
  /** MiB that are meant for it; all of the task's are there for every container. */
  readonly memoryReservationMiB?: number;
  readonly portMappings?: ecs.PortMapping[];
  readonly healthCheck?: ecs.HealthCheck;
  readonly stopTimeout?: Duration;
  readonly enableExecuteCommand?: boolean;
}

/** The release in the image, as long as nobody says another one. */
export function airflowVersion({ version }: AirflowImageOptions): AirflowVersion {
  return version ?? AirflowVersion.V3_3_2;
}

/** The image of the release, as long as nobody says another one. */
export function airflowImage(options: AirflowImageOptions): ecs.ContainerImage {
  return options.image ?? ecs.ContainerImage.fromRegistry(`apache/airflow:${airflowVersion(options).version}`);
}

/** A container of the Airflow image: of a service, of the migration, of any task that runs once. */
export function addAirflowContainer(
  scope: Construct, taskDefinition: ecs.FargateTaskDefinition, containerName: string, props: AirflowContainerProps,
): ecs.ContainerDefinition {
  const { environment, secrets } = props.bindings;
  return taskDefinition.addContainer(containerName, {
    containerName,
    image: airflowImage(props),
    user: USER,
    command: props.command,
    // a variable is either plain or secret
    environment: sorted(Object.fromEntries(Object.entries(environment).filter(([name]) => !(name in secrets)))),
    secrets: sorted(secrets),
    essential: props.essential,
    ...props.restartAttemptPeriod && { enableRestartPolicy: true, restartAttemptPeriod: props.restartAttemptPeriod },
    memoryReservationMiB: props.memoryReservationMiB,
    portMappings: props.portMappings,
    logging: props.cluster._logDriver(props.logStreamPrefix),
    healthCheck: props.healthCheck,
    ...containerSecurity(scope, `${containerName}LinuxParameters`, { tmpfs: props.tmpfs, executeCommand: props.enableExecuteCommand }),
    stopTimeout: props.stopTimeout,
  });
}

/** By name: the order in the template must not depend on the order in which parts add variables. */
function sorted<T>(variables: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(variables).sort(([left], [right]) => left < right ? -1 : 1));
}

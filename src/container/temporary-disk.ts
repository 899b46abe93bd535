import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { AirflowImageOptions, airflowImage } from './airflow-container';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { containerSecurity, TEMPORARY_FILES } from '../fargate/container-security';

const VOLUME = 'temporary-files';

export interface TemporaryDiskProps extends AirflowImageOptions {
  readonly cluster: AirflowCluster;
}

/**
 * Gives a container `/tmp` on the disk of its task. A volume on Fargate belongs to the superuser, and nobody else may write to it: so a container before
 * this one makes it what `/tmp` is everywhere. That takes no capability, as the folder is the superuser's own, and no secret.
 */
export function mountTemporaryDisk(scope: Construct, container: ecs.ContainerDefinition, props: TemporaryDiskProps): void {
  const { taskDefinition, containerName } = container;
  const preparationName = `${containerName}-disk`;
  const preparation = taskDefinition.addContainer(preparationName, {
    containerName: preparationName,
    image: airflowImage(props),
    user: '0:0',
    entryPoint: ['chmod', '1777', TEMPORARY_FILES],
    essential: false,
    logging: props.cluster._logDriver(containerName),
    ...containerSecurity(scope, `${preparationName}LinuxParameters`, { tmpfs: [] }),
  });
  taskDefinition.addVolume({ name: VOLUME });
  for (const each of [preparation, container]) {
    each.addMountPoints({ sourceVolume: VOLUME, containerPath: TEMPORARY_FILES, readOnly: false });
  }
  container.addContainerDependencies({ container: preparation, condition: ecs.ContainerDependencyCondition.SUCCESS });
}

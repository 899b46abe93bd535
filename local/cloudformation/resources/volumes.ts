import { checkProperties, type PropertyTable } from './property-table';
import type { ContainerDefinition, MountPoint } from '../../ecs/definitions';
import { UserError } from '../../errors';
import type { Properties } from '../template';

export const VOLUME_PROPERTIES = {
  ConfiguredAtLaunch: 'unsupported',
  DockerVolumeConfiguration: 'unsupported',
  EFSVolumeConfiguration: 'unsupported',
  FSxWindowsFileServerVolumeConfiguration: 'unsupported',
  Host: 'unsupported',
  Name: 'supported',
  S3FilesVolumeConfiguration: 'unsupported',
} satisfies PropertyTable;

export const MOUNT_POINT_PROPERTIES = {
  ContainerPath: 'supported',
  ReadOnly: 'supported',
  SourceVolume: 'supported',
} satisfies PropertyTable;

export const EPHEMERAL_STORAGE_PROPERTIES = {
  SizeInGiB: { harmless: 'the machine\'s own disk is used' },
} satisfies PropertyTable;

/** Where a container has what this machine has, or what the kernel makes. */
const OF_THE_SYSTEM = /^\/(bin|dev|etc|lib\w*|proc|sbin|sys|usr)?(\/|$)/;

/** What Fargate would refuse. */
export function checkEphemeralStorage(properties: Properties | undefined, task: string): void {
  if (!properties) {
    return;
  }
  checkProperties(properties, EPHEMERAL_STORAGE_PROPERTIES, `EphemeralStorage of ${task}`);
  const size = Number(properties.SizeInGiB);
  if (!Number.isInteger(size) || size < 21 || size > 200) {
    throw new UserError(`EphemeralStorage of ${task} has the size ${JSON.stringify(properties.SizeInGiB)}; Fargate has 21 to 200 GiB`);
  }
}

/** The names of volumes on the task's own disk; there are no others. */
export function parseVolumes(volumes: Properties[], task: string): string[] {
  return volumes.map(properties => {
    checkProperties(properties, VOLUME_PROPERTIES, `volume "${String(properties.Name)}" of ${task}`);
    return String(properties.Name);
  });
}

export function parseMountPoint(properties: Properties, container: string): MountPoint {
  const where = `MountPoints of ${container}`;
  checkProperties(properties, MOUNT_POINT_PROPERTIES, where);
  return {
    volume: String(properties.SourceVolume),
    containerPath: parseContainerPath(properties.ContainerPath, where),
    readOnly: String(properties.ReadOnly) === 'true',
  };
}

export function parseContainerPath(path: unknown, where: string): string {
  const containerPath = String(path);
  if (!/^(\/[^/]+)+$/.test(containerPath) || containerPath.split('/').includes('..') || OF_THE_SYSTEM.test(containerPath)) {
    throw new UserError(`${where} has the path ${JSON.stringify(path)}; it must be absolute and outside of the folders of the system, such as /tmp`);
  }
  return containerPath;
}

/** Each mount point has a volume of the task, and a path of its own. */
export function checkMountPoints({ name, mountPoints, tmpfs }: ContainerDefinition, volumes: string[], task: string): void {
  const unknown = mountPoints.find(({ volume }) => !volumes.includes(volume));
  if (unknown) {
    throw new UserError(`container "${name}" of ${task} mounts the volume "${unknown.volume}", which does not exist`);
  }
  const paths = [...mountPoints, ...tmpfs].map(({ containerPath }) => containerPath);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new UserError(`container "${name}" of ${task} mounts something twice at ${twice}`);
  }
}

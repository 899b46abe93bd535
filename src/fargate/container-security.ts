import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';

/** The folder for code of DAGs. */
export const TEMPORARY_FILES = '/tmp';
/** Shares of the task's memory that files may fill: beyond them there is an error, where without a limit the kernel would kill everything. */
const SHARES = { [TEMPORARY_FILES]: 1 / 4, '/var/tmp': 1 / 8 };

export interface ContainerSecurityProps {
  /** Mounts that the container can write to. It can write to nothing else. */
  readonly tmpfs: ecs.Tmpfs[];
  /** Whether the agent of ECS Exec runs in it: as the superuser, who writes into folders of its own. */
  readonly executeCommand?: boolean;
}

/** What every container has in common: no capabilities, an init process that reaps orphans, and a root file system that nobody can change. */
export function containerSecurity(scope: Construct, id: string, props: ContainerSecurityProps) {
  const linuxParameters = new ecs.LinuxParameters(scope, id, { initProcessEnabled: true });
  linuxParameters.addTmpfs(...props.tmpfs);
  if (!props.executeCommand) { linuxParameters.dropCapabilities(ecs.Capability.ALL); }
  return { linuxParameters, readonlyRootFilesystem: !props.executeCommand };
}

/**
 * The places for files in memory: `/tmp` is for code of DAGs, `/var/tmp` for what Airflow itself cannot do without, DAG bundles and logs until they are in S3. One
 * cannot fill the other. These two because everybody may write to them in every image: container runtimes give a tmpfs to the superuser, with the
 * permissions of the image's folder.
 *
 * @param memoryLimitMiB memory of the task
 * @param use.runsDags whether they have to load programs, as the packages of a virtual environment that a task makes
 * @param use.onDisk whether `/tmp` is a disk instead
 */
export function writableFolders(memoryLimitMiB: number, { runsDags, onDisk }: { runsDags: boolean; onDisk: boolean }): ecs.Tmpfs[] {
  const mountOptions = [
    runsDags ? ecs.TmpfsMountOption.EXEC : ecs.TmpfsMountOption.NOEXEC, ecs.TmpfsMountOption.NOSUID, ecs.TmpfsMountOption.NODEV,
  ];
  return Object.entries(SHARES)
    .filter(([containerPath]) => !(onDisk && containerPath === TEMPORARY_FILES))
    .map(([containerPath, share]) => ({ containerPath, size: Math.floor(memoryLimitMiB * share), mountOptions }));
}

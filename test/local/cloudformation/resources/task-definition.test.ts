import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as servicediscovery from 'aws-cdk-lib/aws-servicediscovery';
import { PhysicalNames } from '../../../../local/cloudformation/physical-names';
import { CLOUD_MAP_SERVICE_PROPERTIES } from '../../../../local/cloudformation/resources/cloud-map';
import { DEPLOYMENT_CONFIGURATION, SERVICE_PROPERTIES } from '../../../../local/cloudformation/resources/ecs';
import { GENERATE_SECRET_STRING_PROPERTIES } from '../../../../local/cloudformation/resources/generate-secret-string';
import type { Support } from '../../../../local/cloudformation/resources/property-table';
import { SECRET_PROPERTIES } from '../../../../local/cloudformation/resources/secrets-manager';
import {
  CAPABILITIES, CONTAINER_PROPERTIES, HEALTH_CHECK_PROPERTIES, LINUX_PARAMETERS, parseTaskDefinition, PORT_MAPPING_PROPERTIES, RESTART_PROPERTIES,
  TASK_DEFINITION_PROPERTIES, TMPFS_PROPERTIES,
} from '../../../../local/cloudformation/resources/task-definition';
import { EPHEMERAL_STORAGE_PROPERTIES, MOUNT_POINT_PROPERTIES, VOLUME_PROPERTIES } from '../../../../local/cloudformation/resources/volumes';

const names = new PhysicalNames('Test', { partition: 'aws', region: 'us-east-1', account: '123456789012' });

function parse(container: object = {}, task: object = {}) {
  return parseTaskDefinition('Scheduler', {
    NetworkMode: 'awsvpc', Cpu: '512', Memory: '1024', ContainerDefinitions: [{ Name: 'scheduler', Image: 'apache/airflow:3.3.2', ...container }], ...task,
  }, names);
}

describe('a task definition', () => {
  test('with everything that is supported', () => {
    const definition = parse({
      Command: ['scheduler'],
      EntryPoint: ['/entrypoint'],
      DependsOn: [{ ContainerName: 'scheduler', Condition: 'SUCCESS' }],
      Environment: [{ Name: 'PORT', Value: 5432 }],
      Essential: 'false',
      HealthCheck: { Command: ['CMD-SHELL', 'true'], Interval: 10, Timeout: 4, Retries: 2, StartPeriod: 60 },
      MountPoints: [{ SourceVolume: 'disk', ContainerPath: '/data' }, { SourceVolume: 'disk', ContainerPath: '/opt/data', ReadOnly: 'true' }],
      PortMappings: [{ ContainerPort: 8080, AppProtocol: 'http', Protocol: 'tcp', Name: 'web', HostPort: 8080 }],
      ReadonlyRootFilesystem: true,
      Secrets: [{ Name: 'PASSWORD', ValueFrom: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x-abcdef:password::' }],
      StopTimeout: 120,
      User: '50000:0',
      WorkingDirectory: '/opt/airflow',
      LinuxParameters: {
        InitProcessEnabled: true,
        Capabilities: { Drop: ['ALL'] },
        Tmpfs: [{ ContainerPath: '/tmp', Size: 256, MountOptions: ['exec', 'nosuid', 'nodev'] }, { ContainerPath: '/run/lock', Size: '1' }],
      },
      LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': 'airflow', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'scheduler', 'mode': 'non-blocking' } },
    }, { Family: 'family', TaskRoleArn: 'task-role', ExecutionRoleArn: 'execution-role', EphemeralStorage: { SizeInGiB: 21 }, Volumes: [{ Name: 'disk', Host: {} }] });

    expect(definition).toEqual({
      arn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/family:1',
      logicalId: 'Scheduler',
      family: 'family',
      cpu: 512,
      memory: 1024,
      taskRoleArn: 'task-role',
      executionRoleArn: 'execution-role',
      containers: [{
        name: 'scheduler',
        image: 'apache/airflow:3.3.2',
        command: ['scheduler'],
        entryPoint: ['/entrypoint'],
        dependsOn: [{ containerName: 'scheduler', condition: 'SUCCESS' }],
        environment: { PORT: '5432' },
        essential: false,
        healthCheck: { command: ['CMD-SHELL', 'true'], interval: 10, timeout: 4, retries: 2, startPeriod: 60 },
        logs: { group: 'airflow', region: 'us-east-1', streamPrefix: 'scheduler' },
        mountPoints: [{ volume: 'disk', containerPath: '/data', readOnly: false }, { volume: 'disk', containerPath: '/opt/data', readOnly: true }],
        portMappings: [{ containerPort: 8080, appProtocol: 'http' }],
        readonlyRootFilesystem: true,
        secrets: { PASSWORD: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x-abcdef:password::' },
        stopTimeout: 120,
        tmpfs: [
          { containerPath: '/tmp', size: 256, mountOptions: ['exec', 'nosuid', 'nodev'] },
          { containerPath: '/run/lock', size: 1, mountOptions: [] },
        ],
        user: '50000:0',
        workingDirectory: '/opt/airflow',
      }],
    });
  });

  test('with ECS\'s defaults', () => {
    const [container] = parse({ HealthCheck: { Command: ['CMD', 'true'] } }).containers;

    expect(container).toMatchObject({
      essential: true,
      stopTimeout: 30,
      readonlyRootFilesystem: false,
      tmpfs: [],
      mountPoints: [],
      environment: {},
      secrets: {},
      portMappings: [],
      dependsOn: [],
    });
    expect(container.healthCheck).toEqual({ command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3, startPeriod: 0 });
    expect(parse({ HealthCheck: { Command: ['NONE'] } }).containers[0].healthCheck).toBeUndefined();
  });

  test('with a restart policy, if it is enabled', () => {
    const restart = (RestartPolicy?: object) => parse({ RestartPolicy }).containers[0].restart;

    expect(restart({ Enabled: true, IgnoredExitCodes: [0], RestartAttemptPeriod: 60 })).toEqual({ ignoredExitCodes: [0], attemptPeriod: 60 });
    expect(restart({ Enabled: true })).toEqual({ ignoredExitCodes: [], attemptPeriod: 300 });
    expect([restart({ Enabled: false }), restart()]).toEqual([undefined, undefined]);
  });

  test('has a revision for each time it was replaced', () => {
    const { arn } = parseTaskDefinition('Scheduler', { NetworkMode: 'awsvpc', Cpu: '512', Memory: '1024', Family: 'family' }, names.ofGeneration(2));
    expect(arn).toBe('arn:aws:ecs:us-east-1:123456789012:task-definition/family:3');
  });

  test.each([[{ Cpu: '.5 vCPU', Memory: '2 GB' }, 512, 2048], [{ Cpu: 256, Memory: '0.5GB' }, 256, 512]])('of size %j', (size, cpu, memory) => {
    expect(parse({}, size)).toMatchObject({ cpu, memory });
  });

  test('with unsupported properties that say nothing', () => {
    expect(() => parse({ Privileged: false, MountPoints: [], LinuxParameters: { Tmpfs: [] } }, { Volumes: [] })).not.toThrow();
  });

  test.each<[object, object, string]>([
    [{ MountPoints: [{ SourceVolume: 'v', ContainerPath: '/data' }] }, {}, 'container "scheduler" of task definition "Scheduler" mounts the volume "v", which does not exist'],
    [{ MountPoints: [{ SourceVolume: 'v', ContainerPath: '/etc' }] }, {}, 'MountPoints of container "scheduler" of task definition "Scheduler" has the path "/etc"; it must be absolute and outside of the folders of the system'],
    [{ MountPoints: [{ SourceVolume: 'v', ContainerPath: '/tmp' }], LinuxParameters: { Tmpfs: [{ ContainerPath: '/tmp', Size: 1 }] } }, { Volumes: [{ Name: 'v' }] },
      'container "scheduler" of task definition "Scheduler" mounts something twice at /tmp'],
    [{ MountPoints: [{ SourceVolume: 'v', ContainerPath: '/data', Colour: 'red' }] }, {}, 'MountPoints of container "scheduler" of task definition "Scheduler" has the property "Colour", which the local runner does not know'],
    [{ VolumesFrom: [{ SourceContainer: 'scheduler' }] }, {}, 'uses "VolumesFrom"'],
    [{ Privileged: true }, {}, 'container "scheduler" of task definition "Scheduler" uses "Privileged" (true)'],
    [{ FirelensConfiguration: { Type: 'fluentbit' } }, {}, 'uses "FirelensConfiguration"'],
    [{ LinuxParameters: { SharedMemorySize: 1 } }, {}, 'LinuxParameters of container "scheduler" of task definition "Scheduler" uses "SharedMemorySize"'],
    [{ LinuxParameters: { Tmpfs: [{ Size: 1 }] } }, {}, 'Tmpfs of container "scheduler" of task definition "Scheduler" has the path undefined; it must be absolute and outside of the folders of the system, such as /tmp'],
    ...['tmp', '/', '/usr/local/cache', '/lib64', '/tmp/../usr', '/dev/shm', '/tmp/'].map((ContainerPath): [object, object, string] => (
      [{ LinuxParameters: { Tmpfs: [{ ContainerPath, Size: 1 }] } }, {}, `Tmpfs of container "scheduler" of task definition "Scheduler" has the path "${ContainerPath}"`])),
    [{ LinuxParameters: { Tmpfs: [{ ContainerPath: '/tmp', Size: 0.5 }] } }, {}, 'has the size 0.5; it must be a whole number of MiB from 1'],
    [{ LinuxParameters: { Tmpfs: [{ ContainerPath: '/tmp', Size: 1, MountOptions: ['rw', 'mode'] }] } }, {}, 'has the mount option "mode"; only defaults, rw, exec, noexec, nosuid, nodev can be realised locally'],
    [{ LinuxParameters: { Capabilities: { Add: ['SYS_PTRACE'] } } }, {}, 'LinuxParameters.Capabilities of container "scheduler" of task definition "Scheduler" uses "Add"'],
    [{ Colour: 'red' }, {}, 'container "scheduler" of task definition "Scheduler" has the property "Colour", which the local runner does not know'],
    [{ Image: '1.dkr.ecr.us-east-1.amazonaws.com/cdk-hnb659fds-container-assets-1-us-east-1:abc' }, {}, 'has an image that is built from a Dockerfile'],
    [{ Secrets: [{ Name: 'X', ValueFrom: 'arn:aws:ssm:us-east-1:1:parameter/x' }] }, {}, 'secret "X" of container "scheduler" of task definition "Scheduler" comes from "arn:aws:ssm:'],
    [{ PortMappings: [{ ContainerPort: 53, Protocol: 'udp' }] }, {}, 'PortMappings of container "scheduler" of task definition "Scheduler" has the protocol "udp"; only tcp'],
    [{ HealthCheck: { Command: ['true'] } }, {}, 'HealthCheck of container "scheduler" of task definition "Scheduler" has the command ["true"]; it must begin with CMD or CMD-SHELL'],
    [{ DependsOn: [{ ContainerName: 'scheduler', Condition: 'READY' }] }, {}, 'has the condition "READY"; allowed are START, COMPLETE, SUCCESS, HEALTHY'],
    [{ DependsOn: [{ ContainerName: 'nobody', Condition: 'START' }] }, {}, 'depends on the container "nobody", which does not exist'],
    [{}, { NetworkMode: 'bridge' }, 'task definition "Scheduler" has NetworkMode "bridge"; only awsvpc (Fargate) can be run locally'],
    [{}, { Volumes: [{ Name: 'v', EFSVolumeConfiguration: { FilesystemId: 'fs-1' } }] }, 'volume "v" of task definition "Scheduler" uses "EFSVolumeConfiguration" ({"FilesystemId":"fs-1"}), which the local runner cannot realise'],
    [{}, { Volumes: [{ Name: 'v', Host: { SourcePath: '/data' } }] }, 'volume "v" of task definition "Scheduler" uses "Host"'],
    ...[20, 201, 30.5].map((SizeInGiB): [object, object, string] => [{}, { EphemeralStorage: { SizeInGiB } }, `EphemeralStorage of task definition "Scheduler" has the size ${SizeInGiB}; Fargate has 21 to 200 GiB`]),
    [{}, { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }, 'has OperatingSystemFamily "WINDOWS_SERVER_2022_CORE"; only LINUX'],
    [{}, { Memory: '1 vCPU' }, 'Memory of task definition "Scheduler" is "1 vCPU"; Fargate needs a number such as 1024 or "1 GB"'],
  ])('fails for %j %j', (container, task, message) => {
    expect(() => parse(container, task)).toThrow(message);
  });
});

/** The compiler refuses these lines when CloudFormation (as CDK knows it) has a property that the tables do not mention. */
type Complete<T> = Record<Capitalize<Extract<keyof T, string>>, Support>;

describe('the tables of properties', () => {
  test('are complete', () => {
    const tables = [
      TASK_DEFINITION_PROPERTIES satisfies Complete<ecs.CfnTaskDefinitionProps>,
      CONTAINER_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.ContainerDefinitionProperty>,
      LINUX_PARAMETERS satisfies Complete<ecs.CfnTaskDefinition.LinuxParametersProperty>,
      TMPFS_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.TmpfsProperty>,
      VOLUME_PROPERTIES satisfies Complete<Omit<ecs.CfnTaskDefinition.VolumeProperty, 'efsVolumeConfiguration' | 'fSxWindowsFileServerVolumeConfiguration'>>,
      MOUNT_POINT_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.MountPointProperty>,
      EPHEMERAL_STORAGE_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.EphemeralStorageProperty>,
      CAPABILITIES satisfies Complete<ecs.CfnTaskDefinition.KernelCapabilitiesProperty>,
      PORT_MAPPING_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.PortMappingProperty>,
      RESTART_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.RestartPolicyProperty>,
      HEALTH_CHECK_PROPERTIES satisfies Complete<ecs.CfnTaskDefinition.HealthCheckProperty>,
      SERVICE_PROPERTIES satisfies Complete<Omit<ecs.CfnServiceProps, 'enableEcsManagedTags'>>,
      DEPLOYMENT_CONFIGURATION satisfies Complete<ecs.CfnService.DeploymentConfigurationProperty>,
      SECRET_PROPERTIES satisfies Complete<secretsmanager.CfnSecretProps>,
      GENERATE_SECRET_STRING_PROPERTIES satisfies Complete<secretsmanager.CfnSecret.GenerateSecretStringProperty>,
      CLOUD_MAP_SERVICE_PROPERTIES satisfies Complete<servicediscovery.CfnServiceProps>,
    ];

    expect(tables.flatMap(table => Object.values<Support>(table)).every(support => typeof support === 'string' || support.harmless !== '')).toBe(true);
  });
});

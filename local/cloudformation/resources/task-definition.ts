import { checkProperties, type PropertyTable } from './property-table';
import { checkEphemeralStorage, checkMountPoints, parseContainerPath, parseMountPoint, parseVolumes } from './volumes';
import type { ContainerDefinition, ContainerDependency, HealthCheck, LogDestination, PortMapping, RestartPolicy, TaskDefinition } from '../../ecs/definitions';
import { UserError } from '../../errors';
import type { Tmpfs } from '../../isolation/isolation';
import type { PhysicalNames } from '../physical-names';
import type { Properties } from '../template';

const NOT_ENFORCED = { harmless: 'the machine\'s own limits apply' };

export const TASK_DEFINITION_PROPERTIES = {
  ContainerDefinitions: 'supported',
  Cpu: 'supported',
  EnableFaultInjection: { harmless: 'only allows requests that nothing local makes' },
  EphemeralStorage: 'supported',
  ExecutionRoleArn: 'supported',
  Family: 'supported',
  InferenceAccelerators: 'unsupported',
  IpcMode: 'unsupported',
  Memory: 'supported',
  NetworkMode: 'supported',
  PidMode: 'unsupported',
  PlacementConstraints: 'unsupported',
  ProxyConfiguration: 'unsupported',
  RequiresCompatibilities: { harmless: 'only what ECS checks' },
  RuntimePlatform: 'supported',
  Tags: { harmless: 'not visible in a container' },
  TaskRoleArn: 'supported',
  Volumes: 'supported',
} satisfies PropertyTable;

export const CONTAINER_PROPERTIES = {
  Command: 'supported',
  Cpu: NOT_ENFORCED,
  CredentialSpecs: 'unsupported',
  DependsOn: 'supported',
  DisableNetworking: 'unsupported',
  DnsSearchDomains: 'unsupported',
  DnsServers: 'unsupported',
  DockerLabels: { harmless: 'not visible in a container' },
  DockerSecurityOptions: 'unsupported',
  EntryPoint: 'supported',
  Environment: 'supported',
  EnvironmentFiles: 'unsupported',
  Essential: 'supported',
  ExtraHosts: 'unsupported',
  FirelensConfiguration: 'unsupported',
  HealthCheck: 'supported',
  Hostname: 'unsupported',
  Image: 'supported',
  Interactive: 'unsupported',
  Links: 'unsupported',
  LinuxParameters: 'supported',
  LogConfiguration: 'supported',
  Memory: 'supported',
  MemoryReservation: NOT_ENFORCED,
  MountPoints: 'supported',
  Name: 'supported',
  PortMappings: 'supported',
  Privileged: 'unsupported',
  PseudoTerminal: 'unsupported',
  ReadonlyRootFilesystem: 'supported',
  RepositoryCredentials: { harmless: 'images are not pulled' },
  ResourceRequirements: 'unsupported',
  RestartPolicy: 'supported',
  Secrets: 'supported',
  StartTimeout: 'unsupported',
  StopTimeout: 'supported',
  SystemControls: 'unsupported',
  Ulimits: NOT_ENFORCED,
  User: 'supported',
  VersionConsistency: { harmless: 'images are not pulled' },
  VolumesFrom: 'unsupported',
  WorkingDirectory: 'supported',
} satisfies PropertyTable;

export const LINUX_PARAMETERS = {
  Capabilities: 'supported',
  Devices: 'unsupported',
  InitProcessEnabled: { harmless: 'every container has an init process' },
  MaxSwap: 'unsupported',
  SharedMemorySize: 'unsupported',
  Swappiness: 'unsupported',
  Tmpfs: 'supported',
} satisfies PropertyTable;

export const TMPFS_PROPERTIES = {
  ContainerPath: 'supported',
  MountOptions: 'supported',
  Size: 'supported',
} satisfies PropertyTable;

export const CAPABILITIES = {
  Add: 'unsupported',
  Drop: { harmless: 'a container has no capability at all' },
} satisfies PropertyTable;

export const PORT_MAPPING_PROPERTIES = {
  AppProtocol: 'supported',
  ContainerPort: 'supported',
  ContainerPortRange: 'unsupported',
  HostPort: { harmless: 'the container port, on Fargate' },
  Name: { harmless: 'for Service Connect, which is refused' },
  Protocol: 'supported',
} satisfies PropertyTable;

export const RESTART_PROPERTIES = {
  Enabled: 'supported',
  IgnoredExitCodes: 'supported',
  RestartAttemptPeriod: 'supported',
} satisfies PropertyTable;

export const HEALTH_CHECK_PROPERTIES = {
  Command: 'supported',
  Interval: 'supported',
  Retries: 'supported',
  StartPeriod: 'supported',
  Timeout: 'supported',
} satisfies PropertyTable;

const MOUNT_OPTIONS = ['defaults', 'rw', 'exec', 'noexec', 'nosuid', 'nodev'];

const CONDITIONS = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];

/** The properties of an `AWS::ECS::TaskDefinition`, every value resolved; refuses what would run differently here. */
export function parseTaskDefinition(logicalId: string, properties: Properties, names: PhysicalNames): TaskDefinition {
  const where = `task definition "${logicalId}"`;
  checkProperties(properties, TASK_DEFINITION_PROPERTIES, where);
  if (properties.NetworkMode !== 'awsvpc') {
    throw new UserError(`${where} has NetworkMode ${JSON.stringify(properties.NetworkMode)}; only awsvpc (Fargate) can be run locally`);
  }
  const system = (properties.RuntimePlatform as Properties | undefined)?.OperatingSystemFamily ?? 'LINUX';
  if (system !== 'LINUX') {
    throw new UserError(`${where} has OperatingSystemFamily ${JSON.stringify(system)}; only LINUX can be run locally`);
  }
  const containers = objects(properties.ContainerDefinitions).map(container => parseContainer(container, where));
  checkDependencies(containers, where);
  checkEphemeralStorage(properties.EphemeralStorage as Properties | undefined, where);
  const volumes = parseVolumes(objects(properties.Volumes), where);
  containers.forEach(container => checkMountPoints(container, volumes, where));
  const family = String(properties.Family ?? names.physicalName(logicalId));
  return {
    arn: names.arn('ecs', `task-definition/${family}:${names.generation + 1}`),
    logicalId,
    family,
    cpu: quantity(properties.Cpu, 'vcpu', `Cpu of ${where}`),
    memory: quantity(properties.Memory, 'gb', `Memory of ${where}`),
    taskRoleArn: optionalString(properties.TaskRoleArn),
    executionRoleArn: optionalString(properties.ExecutionRoleArn),
    containers,
  };
}

function parseContainer(properties: Properties, task: string): ContainerDefinition {
  const where = `container "${String(properties.Name)}" of ${task}`;
  checkProperties(properties, CONTAINER_PROPERTIES, where);
  const linuxParameters = (properties.LinuxParameters ?? {}) as Properties;
  checkProperties(linuxParameters, LINUX_PARAMETERS, `LinuxParameters of ${where}`);
  checkProperties((linuxParameters.Capabilities ?? {}) as Properties, CAPABILITIES, `LinuxParameters.Capabilities of ${where}`);
  return {
    name: String(properties.Name),
    image: parseImage(properties.Image, where),
    essential: bool(properties.Essential, true),
    entryPoint: optionalStrings(properties.EntryPoint),
    command: optionalStrings(properties.Command),
    workingDirectory: optionalString(properties.WorkingDirectory),
    user: optionalString(properties.User),
    environment: Object.fromEntries(objects(properties.Environment).map(({ Name, Value }) => [String(Name), String(Value)])),
    secrets: Object.fromEntries(objects(properties.Secrets)
      .map(({ Name, ValueFrom }) => [String(Name), parseSecret(String(Name), ValueFrom, where)])),
    logs: parseLogs(properties.LogConfiguration as Properties | undefined),
    portMappings: objects(properties.PortMappings).map(mapping => parsePortMapping(mapping, where)),
    healthCheck: parseHealthCheck(properties.HealthCheck as Properties | undefined, where),
    dependsOn: objects(properties.DependsOn).map(dependency => parseDependency(dependency, where)),
    restart: parseRestartPolicy(properties.RestartPolicy as Properties | undefined, where),
    stopTimeout: Number(properties.StopTimeout ?? 30),
    readonlyRootFilesystem: bool(properties.ReadonlyRootFilesystem, false),
    tmpfs: objects(linuxParameters.Tmpfs).map(tmpfs => parseTmpfs(tmpfs, where)),
    mountPoints: objects(properties.MountPoints).map(mountPoint => parseMountPoint(mountPoint, where)),
    memory: properties.Memory === undefined ? undefined : Number(properties.Memory),
  };
}

function parseImage(image: unknown, where: string): string {
  const name = String(image);
  if (/\.dkr\.ecr\.[^/]+\/cdk-[^/]*-container-assets-/.test(name)) {
    throw new UserError(`${where} has an image that is built from a Dockerfile (${name}); the local runner builds no images: use a published image, such as apache/airflow, to run this template locally`);
  }
  return name;
}

function parseSecret(name: string, valueFrom: unknown, where: string): string {
  if (!/^arn:[^:]+:secretsmanager:/.test(String(valueFrom))) {
    throw new UserError(`secret "${name}" of ${where} comes from ${JSON.stringify(valueFrom)}; the local runner has Secrets Manager only`);
  }
  return String(valueFrom);
}

function parseTmpfs(properties: Properties, container: string): Tmpfs {
  const where = `Tmpfs of ${container}`;
  checkProperties(properties, TMPFS_PROPERTIES, where);
  const containerPath = parseContainerPath(properties.ContainerPath, where);
  const size = Number(properties.Size);
  if (!Number.isInteger(size) || size < 1) {
    throw new UserError(`${where} has the size ${JSON.stringify(properties.Size)}; it must be a whole number of MiB from 1`);
  }
  const mountOptions = optionalStrings(properties.MountOptions) ?? [];
  const unknown = mountOptions.find(option => !MOUNT_OPTIONS.includes(option));
  if (unknown !== undefined) {
    throw new UserError(`${where} has the mount option ${JSON.stringify(unknown)}; only ${MOUNT_OPTIONS.join(', ')} can be realised locally`);
  }
  return { containerPath, size, mountOptions };
}

/** Output goes to files whatever the driver is; where `awslogs` would send it decides whether the execution role may. */
function parseLogs({ LogDriver, Options = {} }: Properties = {}): LogDestination | undefined {
  const options = Options as Record<string, unknown>;
  return LogDriver !== 'awslogs' ? undefined : {
    group: String(options['awslogs-group']),
    region: String(options['awslogs-region']),
    streamPrefix: String(options['awslogs-stream-prefix']),
  };
}

function parsePortMapping(properties: Properties, container: string): PortMapping {
  const where = `PortMappings of ${container}`;
  checkProperties(properties, PORT_MAPPING_PROPERTIES, where);
  const protocol = properties.Protocol ?? 'tcp';
  if (protocol !== 'tcp') {
    throw new UserError(`${where} has the protocol ${JSON.stringify(protocol)}; only tcp can be run locally`);
  }
  return { containerPort: Number(properties.ContainerPort), appProtocol: optionalString(properties.AppProtocol) };
}

function parseHealthCheck(properties: Properties | undefined, container: string): HealthCheck | undefined {
  if (!properties) {
    return undefined;
  }
  const where = `HealthCheck of ${container}`;
  checkProperties(properties, HEALTH_CHECK_PROPERTIES, where);
  const command = optionalStrings(properties.Command) ?? [];
  if (command[0] === 'NONE') {
    return undefined;
  }
  if (command[0] !== 'CMD' && command[0] !== 'CMD-SHELL') {
    throw new UserError(`${where} has the command ${JSON.stringify(command)}; it must begin with CMD or CMD-SHELL`);
  }
  return {
    command,
    interval: Number(properties.Interval ?? 30),
    timeout: Number(properties.Timeout ?? 5),
    retries: Number(properties.Retries ?? 3),
    startPeriod: Number(properties.StartPeriod ?? 0),
  };
}

function parseRestartPolicy(properties: Properties | undefined, container: string): RestartPolicy | undefined {
  if (!properties) { return undefined; }
  checkProperties(properties, RESTART_PROPERTIES, `RestartPolicy of ${container}`);
  if (!bool(properties.Enabled, false)) { return undefined; }
  const ignoredExitCodes = ((properties.IgnoredExitCodes ?? []) as unknown[]).map(Number);
  return { ignoredExitCodes, attemptPeriod: Number(properties.RestartAttemptPeriod ?? 300) };
}

function parseDependency({ ContainerName, Condition }: Properties, container: string): ContainerDependency {
  if (!CONDITIONS.includes(String(Condition))) {
    throw new UserError(`DependsOn of ${container} has the condition ${JSON.stringify(Condition)}; allowed are ${CONDITIONS.join(', ')}`);
  }
  return { containerName: String(ContainerName), condition: Condition as ContainerDependency['condition'] };
}

function checkDependencies(containers: ContainerDefinition[], where: string): void {
  for (const { name, dependsOn } of containers) {
    const unknown = dependsOn.find(({ containerName }) => !containers.some(container => container.name === containerName));
    if (unknown) {
      throw new UserError(`container "${name}" of ${where} depends on the container "${unknown.containerName}", which does not exist`);
    }
  }
}

/** CPU units or MiB; ECS also takes `.5 vCPU` and `1 GB`. */
function quantity(value: unknown, unit: 'vcpu' | 'gb', where: string): number {
  const [, amount, given] = /^([\d.]+)\s*([a-z]*)$/i.exec(String(value)) ?? [];
  const number = Number(amount) * (given ? 1024 : 1);
  if (!(number > 0) || (given && given.toLowerCase() !== unit)) {
    throw new UserError(`${where} is ${JSON.stringify(value)}; Fargate needs a number such as 1024 or "1 ${unit === 'gb' ? 'GB' : 'vCPU'}"`);
  }
  return number;
}

function objects(value: unknown): Properties[] {
  return (value ?? []) as Properties[];
}

function optionalString(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

function optionalStrings(value: unknown): string[] | undefined {
  return (value as unknown[] | undefined)?.map(String);
}

/** CloudFormation takes `"true"` as well. */
function bool(value: unknown, preset: boolean): boolean {
  return value === undefined ? preset : String(value) === 'true';
}

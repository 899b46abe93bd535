import { CLASSES, type ClassSizes, type Size } from './classes';
import { call, list, map, name, struct, type Code } from './code';
import type { LoggingModule, MwaaEnvironment, Subnet } from './environment';
import { convertSettings } from './settings';
import { UserError } from '../errors';

/** The oldest release that the construct takes, and the one that it is made for. */
const OLDEST = [3, 1];
const DEFAULT_VERSION = '3.3.2';

/** MWAA has two web servers and two schedulers unless it is told otherwise; micro has one. */
const DEFAULT_COUNT = 2;

/** A module of MWAA's logging, and what the same program is here. */
const COMPONENTS: Record<LoggingModule, string> = {
  SchedulerLogs: 'scheduler',
  DagProcessingLogs: 'dagProcessor',
  WebserverLogs: 'webServer',
  WorkerLogs: 'worker',
  TaskLogs: 'worker',
};

/** The app that replaces an environment. */
export interface Plan {
  readonly stack: string;
  readonly version: string;
  /** Properties of ServerlessAirflow. */
  readonly properties: Record<string, Code>;
  /** The existing VPC and key, by the variable that names them. */
  readonly imports: Record<string, { readonly type: string; readonly code: Code }>;
  /** Files of the bucket that go into an image. */
  readonly requirements?: string;
  readonly plugins?: string;
  readonly startupScript?: string;
  readonly tags: Record<string, string>;
  /** What is different, or has no counterpart. */
  readonly notes: string[];
}

export function plan(environment: MwaaEnvironment, subnets?: Subnet[]): Plan {
  const sizes = CLASSES[environment.EnvironmentClass];
  if (!sizes) {
    throw new UserError(`the environment class is ${environment.EnvironmentClass}: known are ${Object.keys(CLASSES).join(', ')}`);
  }
  const notes: string[] = [];
  const version = versionOf(environment, notes);
  const { variables, dropped } = convertSettings(environment.AirflowConfigurationOptions ?? {});
  notes.push(...dropped.map(({ option, reason }) => `\`${option}\` is left out: ${reason}.`));
  const imports = importsOf(environment, subnets, notes);
  const services = servicesOf(environment, sizes, notes);
  notes.push(...withoutCounterpart(environment));
  return {
    stack: environment.Name.replaceAll(/[^A-Za-z0-9-]/g, '-').replace(/^[^A-Za-z]+/, ''),
    version,
    imports,
    properties: {
      version: call('AirflowVersion.of', [version]),
      ...imageOf(environment),
      dags: list(call('DagSource.directory', [`bucket/${folderOf(environment.DagS3Path)}`])),
      ...Object.keys(variables).length > 0 && { environment: map(variables) },
      ...Object.fromEntries(Object.keys(imports).map(variable => [variable, name(variable)])),
      ...services,
    },
    requirements: environment.RequirementsS3Path,
    plugins: environment.PluginsS3Path,
    startupScript: environment.StartupScriptS3Path,
    tags: Object.fromEntries(Object.entries(environment.Tags ?? {}).filter(([tag]) => !tag.startsWith('aws:'))),
    notes,
  };
}

/** `dags` of `dags/` */
export function folderOf(path: string): string {
  return path.replace(/\/+$/, '');
}

function versionOf({ AirflowVersion }: MwaaEnvironment, notes: string[]): string {
  const [major, minor] = AirflowVersion.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) { return AirflowVersion; }
  notes.push(major < OLDEST[0]
    ? `**Airflow ${AirflowVersion} becomes ${DEFAULT_VERSION}**: DAGs have to be ported. \`ruff check --preview --select AIR3 bucket\` finds most of what changed, \`airflow config lint\` the settings.`
    : `Airflow ${AirflowVersion} becomes ${DEFAULT_VERSION}: this library starts with ${OLDEST.join('.')}.`);
  return DEFAULT_VERSION;
}

function imageOf({ RequirementsS3Path, PluginsS3Path, StartupScriptS3Path, DagS3Path }: MwaaEnvironment): Record<string, Code> {
  if (!RequirementsS3Path && !PluginsS3Path && !StartupScriptS3Path) { return {}; }
  return { image: call('ecs.ContainerImage.fromAsset', ['bucket'], { platform: name('Platform.LINUX_ARM64'), exclude: list(folderOf(DagS3Path)) }) };
}

function importsOf({ KmsKey, NetworkConfiguration }: MwaaEnvironment, subnets: Subnet[] | undefined, notes: string[]): Plan['imports'] {
  const { SubnetIds = [], SecurityGroupIds = [] } = NetworkConfiguration ?? {};
  if (!subnets) {
    notes.push(`The app makes a **new VPC**. To stay in the subnets of the environment: \`aws ec2 describe-subnets --subnet-ids ${SubnetIds.join(' ')} > subnets.json\`, `
      + 'and this command again with `--subnets subnets.json`.');
  }
  if (SecurityGroupIds.length > 0) {
    notes.push(`Every component has a security group of its own. What let the groups of the environment in (${SecurityGroupIds.join(', ')}) has to let tasks in: `
      + '`airflow.connections.allowTo(…)`.');
  }
  return {
    ...subnets && {
      vpc: {
        type: 'ec2',
        code: call('ec2.Vpc.fromVpcAttributes', [name('stack'), 'Vpc'], {
          vpcId: subnets[0].VpcId,
          availabilityZones: list(...subnets.map(({ AvailabilityZone }) => AvailabilityZone)),
          privateSubnetIds: list(...subnets.map(({ SubnetId }) => SubnetId)),
        }),
      },
    },
    ...KmsKey && { encryptionKey: { type: 'kms', code: call('kms.Key.fromKeyArn', [name('stack'), 'Key', KmsKey]) } },
  };
}

function servicesOf(environment: MwaaEnvironment, sizes: ClassSizes, notes: string[]): Record<string, Code> {
  const micro = environment.EnvironmentClass === 'mw1.micro';
  const { MinWorkers = 1, MaxWorkers = 10, MinWebservers = DEFAULT_COUNT, MaxWebservers = MinWebservers, Schedulers = DEFAULT_COUNT } = environment;
  const count = (number: number) => micro || number === 1 ? {} : { desiredCount: number };
  if (!micro && MaxWebservers > MinWebservers) {
    notes.push(`${MinWebservers} web servers, not up to ${MaxWebservers}: \`airflow.webServer.service.autoScaleTaskCount\` lets them follow the load.`);
  }
  const autoscale = environment.AirflowConfigurationOptions?.['celery.worker_autoscale']?.split(',').map(Number).find(Number.isInteger);
  const concurrency = autoscale ?? sizes.concurrency;
  if (autoscale !== undefined && autoscale > sizes.concurrency) {
    notes.push(`\`celery.worker_autoscale\` says ${autoscale} tasks for a worker, more than ${sizes.concurrency}: synthesis says whether its memory is enough.`);
  }
  const level = logLevels(environment, notes);
  const service = (component: string, size: Size | undefined, rest: object) => ({ ...size, ...rest, ...level(component) });
  const scaling = micro || MinWorkers === MaxWorkers
    ? call('WorkerScaling.fixed', [micro ? 1 : MinWorkers])
    : call('WorkerScaling.onQueue', [], { minWorkers: MinWorkers, maxWorkers: MaxWorkers });
  const services = {
    webServer: service('webServer', sizes.webServer, count(MinWebservers)),
    scheduler: service('scheduler', sizes.scheduler, count(Schedulers)),
    dagProcessor: service('dagProcessor', sizes.scheduler, {}),
    worker: { ...service('worker', sizes.worker, { concurrency }), scaling },
  };
  return Object.fromEntries(Object.entries(services)
    .filter(([, properties]) => Object.keys(properties).length > 0)
    .map(([component, properties]) => [component, struct(component === 'worker' ? 'AirflowFirstWorkerPoolOptions' : 'AirflowServiceOptions', properties)]));
}

/** The level of each component's log, where it is not Airflow's default. */
function logLevels({ LoggingConfiguration = {} }: MwaaEnvironment, notes: string[]): (component: string) => Record<string, Code> {
  const modules = Object.entries(LoggingConfiguration) as [LoggingModule, { Enabled?: boolean; LogLevel?: string }][];
  const off = modules.filter(([module, { Enabled }]) => module in COMPONENTS && Enabled === false).map(([module]) => module);
  if (off.length > 0) {
    notes.push(`${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} off in MWAA. Here every container writes to CloudWatch, and task logs to S3.`);
  }
  return component => {
    // of two modules the one that says more: debugging comes first
    const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
    const given = modules.filter(([module, { Enabled }]) => COMPONENTS[module] === component && Enabled !== false).map(([, { LogLevel = 'INFO' }]) => LogLevel);
    const level = levels.find(candidate => given.includes(candidate)) ?? 'INFO';
    return (level === 'INFO' ? {} : { environment: map({ AIRFLOW__LOGGING__LOGGING_LEVEL: level }) }) as Record<string, Code>;
  };
}

function withoutCounterpart(environment: MwaaEnvironment): string[] {
  const { ExecutionRoleArn, WebserverAccessMode, WeeklyMaintenanceWindowStart, StartupScriptS3Path, EndpointManagement } = environment;
  return [
    ...ExecutionRoleArn
      ? [`What \`${ExecutionRoleArn}\` may do is not taken over: grant it to \`airflow\` (tasks) and \`airflow.dagCode\` (DAG files, triggers), e.g. \`bucket.grantRead(airflow)\`.`]
      : [],
    ...WebserverAccessMode && WebserverAccessMode !== 'PRIVATE_ONLY'
      ? [`The web server is **not public** (it was ${WebserverAccessMode}), and people log in with Airflow's users, not with IAM: docs/networking.md.`]
      : ['People log in with Airflow\'s users, not with IAM: docs/networking.md.'],
    ...StartupScriptS3Path ? [`\`${StartupScriptS3Path}\` runs when the image is built, not when a container starts: what it exports belongs into \`environment\`.`] : [],
    ...WeeklyMaintenanceWindowStart ? [`There is no maintenance window (${WeeklyMaintenanceWindowStart}): you deploy when you want to.`] : [],
    ...EndpointManagement === 'CUSTOMER' ? ['Endpoints of MWAA (EndpointManagement: CUSTOMER) are not needed.'] : [],
    'History, connections, variables, pools and users are in the database of MWAA, which nobody can read from outside. Export them with a DAG there, '
    + 'and import them with `airflow connections import`, `variables import`, `pools import` (the settings of a secrets backend go on as they are).',
    'Log groups `airflow-<name>-*` and metrics of MWAA are not continued: this app has its own log group, and task logs are in S3.',
  ];
}

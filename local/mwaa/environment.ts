import { readFileSync } from 'node:fs';
import { UserError } from '../errors';

type Level = 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG';

export type LoggingModule = 'DagProcessingLogs' | 'SchedulerLogs' | 'TaskLogs' | 'WebserverLogs' | 'WorkerLogs';

/** What `aws mwaa get-environment` prints, as far as it says something about Airflow. */
export interface MwaaEnvironment {
  readonly Name: string;
  readonly AirflowVersion: string;
  readonly EnvironmentClass: string;
  readonly SourceBucketArn: string;
  readonly DagS3Path: string;
  readonly RequirementsS3Path?: string;
  readonly PluginsS3Path?: string;
  readonly StartupScriptS3Path?: string;
  readonly AirflowConfigurationOptions?: Record<string, string>;
  readonly MinWorkers?: number;
  readonly MaxWorkers?: number;
  readonly MinWebservers?: number;
  readonly MaxWebservers?: number;
  readonly Schedulers?: number;
  readonly ExecutionRoleArn?: string;
  readonly KmsKey?: string;
  readonly LoggingConfiguration?: Partial<Record<LoggingModule, { readonly Enabled?: boolean; readonly LogLevel?: Level }>>;
  readonly NetworkConfiguration?: { readonly SubnetIds?: string[]; readonly SecurityGroupIds?: string[] };
  readonly WebserverAccessMode?: string;
  readonly WeeklyMaintenanceWindowStart?: string;
  readonly EndpointManagement?: string;
  readonly Tags?: Record<string, string>;
}

/** What `aws ec2 describe-subnets` prints. */
export interface Subnet {
  readonly SubnetId: string;
  readonly VpcId: string;
  readonly AvailabilityZone: string;
}

const NEEDED: (keyof MwaaEnvironment)[] = ['Name', 'AirflowVersion', 'EnvironmentClass', 'SourceBucketArn', 'DagS3Path'];

export function readEnvironment(file: string): MwaaEnvironment {
  const content = readJson(file, 'aws mwaa get-environment --name <name>') as { Environment?: MwaaEnvironment };
  const environment = content.Environment ?? content as MwaaEnvironment;
  const missing = NEEDED.filter(name => typeof environment[name] !== 'string');
  if (missing.length > 0) {
    throw new UserError(`${file} is not what "aws mwaa get-environment --name <name>" prints: it has no ${missing.join(', ')}`);
  }
  return environment;
}

export function readSubnets(file: string, wanted: readonly string[]): Subnet[] {
  const command = `aws ec2 describe-subnets --subnet-ids ${wanted.join(' ')}`;
  const { Subnets = [] } = readJson(file, command) as { Subnets?: Subnet[] };
  const missing = wanted.filter(id => !Subnets.some(({ SubnetId }) => SubnetId === id));
  if (missing.length > 0) {
    throw new UserError(`${file} does not have the subnets of the environment: ${missing.join(', ')} is missing; make it with "${command}"`);
  }
  return wanted.map(id => Subnets.find(({ SubnetId }) => SubnetId === id)!);
}

function readJson(file: string, command: string): unknown {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf-8'));
    if (typeof content !== 'object' || content === null) { throw new Error('it is no JSON object'); }
    return content;
  } catch (error) {
    throw new UserError(`cannot read ${file} (${(error as Error).message}): make it with "${command} > ${file}"`);
  }
}

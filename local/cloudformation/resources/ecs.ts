import type { DeploymentConfiguration, TaskDefinition } from '../../ecs/definitions';
import { UserError } from '../../errors';
import { DEFAULT_SECURITY_GROUP } from '../../isolation/security-groups';
import { Family } from '../realised-resources';
import type { Context, Created, Resource } from '../resource';
import { parseTaskDefinition } from './task-definition';
import type { Properties, ResourceDeclaration } from '../template';
import { PRIVATE_NAMES } from './cloud-map';
import { checkProperties, type PropertyTable } from './property-table';

/** By ARN. */
const TASK_DEFINITIONS = new Family<TaskDefinition>('not in this template');

const NOT_VISIBLE = { harmless: 'not visible in a container' };

export const SERVICE_PROPERTIES = {
  AvailabilityZoneRebalancing: { harmless: 'there is one zone' },
  CapacityProviderStrategy: { harmless: 'Fargate or Fargate Spot: the same processes here' },
  Cluster: 'supported',
  DeploymentConfiguration: 'supported',
  DeploymentController: 'supported',
  DesiredCount: 'supported',
  EnableECSManagedTags: NOT_VISIBLE,
  EnableExecuteCommand: { harmless: 'commands can always be run' },
  ForceNewDeployment: 'unsupported',
  HealthCheckGracePeriodSeconds: { harmless: 'there is no load balancer' },
  LaunchType: 'supported',
  LoadBalancers: { harmless: 'the runner publishes the http ports itself' },
  NetworkConfiguration: 'supported',
  PlacementConstraints: 'unsupported',
  PlacementStrategies: 'unsupported',
  PlatformVersion: { harmless: 'there is one platform' },
  PropagateTags: NOT_VISIBLE,
  Role: { harmless: 'for load balancers' },
  SchedulingStrategy: 'supported',
  ServiceConnectConfiguration: 'unsupported',
  ServiceName: 'supported',
  ServiceRegistries: 'supported',
  Tags: NOT_VISIBLE,
  TaskDefinition: 'supported',
  VolumeConfigurations: 'unsupported',
  VpcLatticeConfigurations: 'unsupported',
} satisfies PropertyTable;

export const DEPLOYMENT_CONFIGURATION = {
  Alarms: 'unsupported',
  BakeTimeInMinutes: 'unsupported',
  CanaryConfiguration: 'unsupported',
  DeploymentCircuitBreaker: 'supported',
  LifecycleHooks: 'unsupported',
  LinearConfiguration: 'unsupported',
  MaximumPercent: 'supported',
  MinimumHealthyPercent: 'supported',
  Strategy: 'supported',
} satisfies PropertyTable;

export function createCluster({ logicalId, properties }: Resource, context: Context): Created {
  const name = String(properties.ClusterName ?? context.names.physicalName(logicalId));
  return { ref: name, attributes: { Arn: context.names.arn('ecs', `cluster/${name}`) } };
}

export function createTaskDefinition({ logicalId, properties }: Resource, context: Context): Created {
  const definition = parseTaskDefinition(logicalId, properties, context.names);
  context.cloud.ecs.registerTaskDefinition(definition);
  context.realised.add(TASK_DEFINITIONS, definition.arn, definition);
  return { ref: definition.arn, attributes: { TaskDefinitionArn: definition.arn } };
}

/** Done when the service is steady. */
export async function createService({ logicalId, properties }: Resource, context: Context): Promise<Created> {
  checkProperties(properties, SERVICE_PROPERTIES, `service "${logicalId}"`);
  only(properties, 'LaunchType', 'FARGATE');
  only(properties, 'SchedulingStrategy', 'REPLICA');
  only((properties.DeploymentController ?? {}) as Properties, 'Type', 'ECS');
  const taskDefinition = context.realised.require(TASK_DEFINITIONS, properties.TaskDefinition, 'its TaskDefinition');
  const privateNames = ((properties.ServiceRegistries ?? []) as Properties[])
    .map(({ RegistryArn }) => context.realised.require(PRIVATE_NAMES, RegistryArn, 'its service registry'));
  const clusterName = String(properties.Cluster ?? 'default').split('/').pop()!;
  const serviceName = String(properties.ServiceName ?? context.names.physicalName(logicalId));
  const arn = context.names.arn('ecs', `service/${clusterName}/${serviceName}`);
  await context.cloud.ecs.createService({
    arn,
    logicalId,
    name: serviceNames(context.stack.template.Resources).get(logicalId)!,
    taskDefinition,
    desiredCount: Number(properties.DesiredCount ?? 1),
    deploymentConfiguration: deploymentConfigurationOf(logicalId, properties),
    privateNames,
    securityGroups: securityGroupsOf(properties.NetworkConfiguration as Properties | undefined),
  });
  return { ref: arn, attributes: { Name: serviceName, ServiceArn: arn } };
}

/** With ECS's own defaults. */
function deploymentConfigurationOf(logicalId: string, properties: Properties): DeploymentConfiguration {
  const configuration = (properties.DeploymentConfiguration ?? {}) as Properties;
  checkProperties(configuration, DEPLOYMENT_CONFIGURATION, `DeploymentConfiguration of service "${logicalId}"`);
  only(configuration, 'Strategy', 'ROLLING');
  const { Enable, Rollback } = (configuration.DeploymentCircuitBreaker ?? {}) as Properties;
  return {
    minimumHealthyPercent: Number(configuration.MinimumHealthyPercent ?? 100),
    maximumPercent: Number(configuration.MaximumPercent ?? 200),
    deploymentCircuitBreaker: { enable: String(Enable) === 'true', rollback: String(Rollback) === 'true' },
  };
}

/** Subnets do not matter: every task has an address of its own. */
function securityGroupsOf({ AwsvpcConfiguration }: Properties = {}): string[] {
  return ((AwsvpcConfiguration ?? {}) as { SecurityGroups?: string[] }).SecurityGroups ?? [DEFAULT_SECURITY_GROUP];
}

function only(properties: Properties, name: string, allowed: string): void {
  const value = properties[name] ?? allowed;
  if (value !== allowed) {
    throw new UserError(`its ${name} is ${JSON.stringify(value)}; only ${allowed} can be run locally`);
  }
}

/** Short names by logical id: of the essential container, numbered in the order of the template where several services have it. */
export function serviceNames(resources: Record<string, ResourceDeclaration>): Map<string, string> {
  const names = new Map<string, string>();
  for (const [logicalId, { Properties = {} }] of Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::ECS::Service')) {
    const taskDefinition = resources[(Properties.TaskDefinition as { Ref?: string } | undefined)?.Ref ?? '']?.Properties;
    const containers = (taskDefinition?.ContainerDefinitions ?? []) as Properties[];
    const container = containers.find(({ Essential }) => String(Essential ?? true) === 'true');
    const name = typeof container?.Name === 'string' ? container.Name : logicalId;
    const taken = new Set(names.values());
    let unique = name;
    for (let number = 2; taken.has(unique); number++) {
      unique = `${name}-${number}`;
    }
    names.set(logicalId, unique);
  }
  return names;
}

import type { DeploymentConfiguration, ServiceUpdate, TaskDefinition } from '../../ecs/definitions';
import { UserError } from '../../errors';
import { DEFAULT_SECURITY_GROUP } from '../../isolation/security-groups';
import { Family } from '../realised-resources';
import type { Context, Created, Resource, ResourceType, StackResource } from '../resource';
import { parseTaskDefinition, TASK_DEFINITION_PROPERTIES } from './task-definition';
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

const TASKS_STAY = { harmless: 'tasks run in one place' };

export const CLUSTER: ResourceType = {
  create({ logicalId, properties }, context) {
    const name = String(properties.ClusterName ?? context.names.physicalName(logicalId));
    return { ref: name, attributes: { Arn: context.names.arn('ecs', `cluster/${name}`) } };
  },
  updates: {
    CapacityProviders: TASKS_STAY,
    ClusterSettings: { harmless: 'monitoring does not change what runs' },
    Configuration: { harmless: 'commands can always be run' },
    DefaultCapacityProviderStrategy: TASKS_STAY,
    Tags: NOT_VISIBLE,
  },
  nameProperty: 'ClusterName',
};

export const TASK_DEFINITION: ResourceType = {
  create({ logicalId, properties }, context) {
    const definition = parseTaskDefinition(logicalId, properties, context.names);
    context.cloud.ecs.registerTaskDefinition(definition);
    context.realised.add(TASK_DEFINITIONS, definition.arn, definition);
    return { ref: definition.arn, attributes: { TaskDefinitionArn: definition.arn } };
  },
  updates: { Tags: TASK_DEFINITION_PROPERTIES.Tags },
  delete({ physicalId }, context) {
    context.cloud.ecs.deregisterTaskDefinition(physicalId);
    context.realised.remove(TASK_DEFINITIONS, physicalId);
  },
};

/** Done when the service is steady. */
export const SERVICE: ResourceType = {
  async create(resource, context) {
    const { serviceName, ...definition } = parseService(resource, context);
    await context.cloud.ecs.createService({ ...definition, desiredCount: definition.desiredCount ?? 1 }, context.signal);
    return createdService(serviceName, definition.arn);
  },
  async update(resource, context) {
    const { serviceName, ...definition } = parseService(resource, context);
    await context.cloud.ecs.updateService(definition, context.signal);
    return createdService(serviceName, definition.arn);
  },
  updates: SERVICE_PROPERTIES,
  delete: async ({ physicalId }: StackResource, context) => context.cloud.ecs.deleteService(physicalId),
  nameProperty: 'ServiceName',
};

function createdService(serviceName: string, arn: string): Created {
  return { ref: arn, attributes: { Name: serviceName, ServiceArn: arn } };
}

function parseService({ logicalId, properties }: Resource, context: Context): ServiceUpdate & { readonly serviceName: string } {
  checkProperties(properties, SERVICE_PROPERTIES, `service "${logicalId}"`);
  only(properties, 'LaunchType', 'FARGATE');
  only(properties, 'SchedulingStrategy', 'REPLICA');
  only((properties.DeploymentController ?? {}) as Properties, 'Type', 'ECS');
  const taskDefinition = context.realised.require(TASK_DEFINITIONS, properties.TaskDefinition, 'its TaskDefinition');
  const privateNames = ((properties.ServiceRegistries ?? []) as Properties[])
    .map(({ RegistryArn }) => context.realised.require(PRIVATE_NAMES, RegistryArn, 'its service registry'));
  const clusterName = String(properties.Cluster ?? 'default').split('/').pop()!;
  const serviceName = String(properties.ServiceName ?? context.names.physicalName(logicalId));
  return {
    serviceName,
    arn: context.names.arn('ecs', `service/${clusterName}/${serviceName}`),
    logicalId,
    name: context.names.serviceName(serviceNames(context.stack.template.Resources).get(logicalId)!),
    taskDefinition,
    ...properties.DesiredCount !== undefined && { desiredCount: Number(properties.DesiredCount) },
    deploymentConfiguration: deploymentConfigurationOf(logicalId, properties),
    privateNames,
    securityGroups: securityGroupsOf(properties.NetworkConfiguration as Properties | undefined),
  };
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

import { Duration, Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as servicediscovery from 'aws-cdk-lib/aws-servicediscovery';
import { Construct, IDependable } from 'constructs';

/** Where services run, which an AirflowCluster tells. */
export interface FargateServicePlace {
  readonly ecsCluster: ecs.ICluster;
  readonly vpc: ec2.IVpc;
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly namespace: servicediscovery.INamespace;
  readonly _capacityProviders?: IDependable;
}

export interface FargateServiceProps {
  readonly cluster: FargateServicePlace;
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly securityGroups: ec2.ISecurityGroup[];
  /** @default 1 */
  readonly desiredCount?: number;
  /** Whether somebody else sets how many tasks there are, so that deployments leave that alone. */
  readonly scaled: boolean;
  /** Name in the cluster's private DNS namespace. */
  readonly privateName?: string;
  /** Whether two tasks must never run at once: a deployment stops the old one first. */
  readonly single: boolean;
  /** Whether ECS may stop a task to even out availability zones. */
  readonly rebalanced: boolean;
  /** Whether commands can be run in its containers, for which the task role gets permissions. */
  readonly enableExecuteCommand?: boolean;
  readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];
}

/** A Fargate service that is rolled back when its tasks do not get healthy, and that starts when what its tasks need is there. */
export function defineFargateService(scope: Construct, props: FargateServiceProps): ecs.FargateService {
  const { cluster, privateName } = props;
  const service = new ecs.FargateService(scope, 'Service', {
    cluster: cluster.ecsCluster,
    taskDefinition: props.taskDefinition,
    vpcSubnets: cluster.vpcSubnets,
    securityGroups: props.securityGroups,
    minHealthyPercent: props.single ? 0 : 100,
    maxHealthyPercent: props.single ? 100 : 200,
    circuitBreaker: { rollback: true },
    availabilityZoneRebalancing: props.rebalanced ? ecs.AvailabilityZoneRebalancing.ENABLED : ecs.AvailabilityZoneRebalancing.DISABLED,
    capacityProviderStrategies: props.capacityProviderStrategies,
    // the tags of the stack, which costs are told apart by
    enableECSManagedTags: true,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
    cloudMapOptions: privateName ? {
      cloudMapNamespace: cluster.namespace,
      name: privateName,
      dnsRecordType: servicediscovery.DnsRecordType.A,
      dnsTtl: Duration.seconds(10), // how long clients may look for a task that was replaced
    } : undefined,
  });
  // a deployment would undo what auto scaling has decided
  (service.node.defaultChild as ecs.CfnService).desiredCount = Lazy.uncachedNumber({
    produce: () => props.scaled || service.node.tryFindChild('TaskCount') ? undefined : props.desiredCount ?? 1,
  });
  service.node.addDependency(props.taskDefinition.obtainExecutionRole()); // with its policy, or the first task finds its secrets locked
  service.node.addDependency(cluster.vpc.selectSubnets(cluster.vpcSubnets).internetConnectivityEstablished); // for the image
  if (props.enableExecuteCommand) {
    allowExecuteCommand(service);
  }
  if (cluster._capacityProviders) {
    service.node.addDependency(cluster._capacityProviders);
  }
  return service;
}

/** By hand: CDK's own property also lets the task role write into every log group. */
function allowExecuteCommand(service: ecs.FargateService): void {
  (service.node.defaultChild as ecs.CfnService).enableExecuteCommand = true;
  service.taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({
    actions: ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(action => `ssmmessages:${action}`),
    resources: ['*'], // channels have no ARN
  }));
}

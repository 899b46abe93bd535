import { RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as servicediscovery from 'aws-cdk-lib/aws-servicediscovery';
import { Construct, IDependable } from 'constructs';
import { claim } from './claim';
import { ClusterServices } from './cluster-services';
import { validateVpc } from './validate-vpc';
import { AirflowPreset } from '../preset/airflow-preset';
import { PRESET } from '../preset/preset-type';
import { KEPT_OR_DELETED, KEY, SUBNETS, VPC } from '../properties/cdk-types';
import { NUMBER, object, oneOf, PropertyTypes, shown, STRING, validateTypes } from '../properties/property-types';
import { warnIfDestroyable, warnOfKey, warnOfRegion } from '../warnings';

/** Memory of each container for lines that CloudWatch Logs has not taken yet; beyond it they are lost. */
const LOG_BUFFER = Size.mebibytes(4);

/** Availability zones of a new VPC. */
const ZONES = 2;

/**
 * Seconds that resolvers may remember that a private name has no address. Redis has none while it is replaced, and whoever asks then would not find
 * the new one for as long: Route 53 gives up to 15 minutes where nobody says it.
 */
const NO_ADDRESS_TTL = 5;

/** The names of components come before it. */
const DOMAIN = /^(?=.{1,200}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Properties of an AirflowCluster. */
export interface AirflowClusterProps {
  /**
   * What holds where no other property says something else. The table of all values is in `docs/presets.md`.
   *
   * @default - the defaults below
   */
  readonly preset?: AirflowPreset;

  /**
   * The VPC that Airflow runs in. It needs DNS support, DNS hostnames and private subnets in two zones, with a way to the internet or to
   * the endpoints of the AWS services that Airflow uses.
   *
   * @default - the VPC of the given cluster, else a new one with two zones, NAT gateways and a gateway endpoint for S3
   */
  readonly vpc?: ec2.IVpc;

  /**
   * How many NAT gateways the new VPC has, 1 or 2. With one for each zone, the loss of a zone cuts the other one off from nothing.
   *
   * @default 1
   */
  readonly natGateways?: number;

  /**
   * The subnets that tasks run in. They must not be public.
   *
   * @default - private subnets with egress
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * An existing ECS cluster. Its capacity providers are its owner's: workers on Spot need `FARGATE_SPOT` there.
   *
   * @default - a new cluster with Container Insights and the capacity providers `FARGATE` and `FARGATE_SPOT`
   */
  readonly ecsCluster?: ecs.ICluster;

  /**
   * The metrics that Container Insights records in the new ECS cluster.
   *
   * @default ContainerInsights.ENABLED
   */
  readonly containerInsights?: ecs.ContainerInsights;

  /**
   * Name of the private DNS namespace: the web server is `webserver.<namespaceName>`. Two Airflow deployments in one VPC need different names, also
   * if they belong to two apps, where only the deployment of the second one finds it out.
   *
   * @default 'airflow'
   */
  readonly namespaceName?: string;

  /**
   * How long the log lines of the components are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Key that encrypts the log group, and the buckets and the broker in ElastiCache that are defined for this cluster. The policy of a key of another
   * app has to have a statement for the log group before the first deployment, which a warning says.
   *
   * @default - the log group is encrypted by CloudWatch Logs, buckets by keys that S3 manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to the log group, and to the buckets that DAG sources and task logs define for this cluster, when they are removed
   * from the stack. By default they are retained, except by a creation that fails; then only the bucket of DAG files is, which is not empty.
   *
   * WARNING: `RemovalPolicy.DESTROY` also deletes every object in these buckets.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, but DESTROY with AirflowPreset.DEVELOPMENT
   */
  readonly removalPolicy?: RemovalPolicy;
}

const TYPES: PropertyTypes<AirflowClusterProps> = {
  preset: PRESET,
  vpc: VPC,
  natGateways: NUMBER,
  vpcSubnets: SUBNETS,
  ecsCluster: object<ecs.ICluster>('an ECS cluster', 'clusterArn'),
  containerInsights: oneOf<ecs.ContainerInsights>('ContainerInsights', ecs.ContainerInsights),
  namespaceName: STRING,
  logRetention: oneOf<logs.RetentionDays>('RetentionDays', logs.RetentionDays as Record<string, string | logs.RetentionDays>),
  encryptionKey: KEY,
  removalPolicy: KEPT_OR_DELETED,
};

/**
 * Where one Airflow deployment runs: an ECS cluster, a private DNS namespace and a log group.
 *
 * @example
 * const cluster = new AirflowCluster(this, 'Cluster', { namespaceName: 'reporting' });
 *
 * new ServerlessAirflow(this, 'Airflow', { cluster });
 */
export class AirflowCluster extends Construct {
  /** The ECS cluster. */
  public readonly ecsCluster: ecs.ICluster;

  /** The VPC that tasks run in. */
  public readonly vpc: ec2.IVpc;

  /** The subnets that tasks run in. */
  public readonly vpcSubnets: ec2.SubnetSelection;

  /** The private DNS namespace. */
  public readonly namespace: servicediscovery.PrivateDnsNamespace;

  /** The log group of all components; the log streams of each start with its name. */
  public readonly logGroup: logs.ILogGroup;

  /**
   * What services wait for, and what outlives them on deletion.
   *
   * @internal
   */
  public readonly _capacityProviders?: IDependable;

  /**
   * What the services of this cluster have in common.
   *
   * @internal
   */
  public readonly _services = new ClusterServices();

  /** @internal */
  public readonly _encryptionKey?: kms.IKey;

  /** @internal */
  public readonly _removalPolicy: RemovalPolicy;

  constructor(scope: Construct, id: string, props: AirflowClusterProps = {}) {
    super(scope, id);

    validateProps(props);
    warnIfDestroyable(this, props, 'the log group and the buckets with their objects');
    warnOfRegion(this, () => this._services.onArm64);
    const preset = props.preset ?? AirflowPreset._NONE;
    const defaults = preset._values.cluster;
    this.vpcSubnets = props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
    this.vpc = props.ecsCluster?.vpc ?? props.vpc ?? this.defineVpc(props.natGateways ?? defaults.natGateways);
    validateVpc(this.vpc, props.vpcSubnets);

    this._encryptionKey = props.encryptionKey;
    this._removalPolicy = props.removalPolicy ?? preset._values.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    if (props.ecsCluster) {
      this.ecsCluster = props.ecsCluster;
    } else {
      const cluster = new ecs.Cluster(this, 'Cluster', { vpc: this.vpc, containerInsightsV2: props.containerInsights ?? defaults.containerInsights });
      this.ecsCluster = cluster;
      this._capacityProviders = this.defineCapacityProviders(cluster);
    }
    const namespaceName = props.namespaceName ?? 'airflow';
    this.claimNamespace(namespaceName);
    this.namespace = this.defineNamespace(namespaceName);
    this.logGroup = this.defineLogGroup(props.logRetention ?? defaults.logRetention);
  }

  /**
   * Where a container writes its log lines: streams `<streamPrefix>/<container>/<task>` of the cluster's log group.
   *
   * @internal
   */
  public _logDriver(streamPrefix: string): ecs.LogDriver {
    return ecs.LogDriver.awsLogs({
      logGroup: this.logGroup,
      streamPrefix,
      mode: ecs.AwsLogDriverMode.NON_BLOCKING, // an outage of CloudWatch Logs must not stop Airflow
      maxBufferSize: LOG_BUFFER,
    });
  }

  /**
   * The address of a component of this deployment, for example `webserver.airflow`.
   *
   * @internal
   */
  public _privateName(name: string): string {
    return `${name}.${this.namespace.namespaceName}`;
  }

  /** Route 53 refuses a second namespace of the same name in a VPC, though at deployment only. */
  private claimNamespace(name: string): void {
    if (claim(this, `namespace ${name} of ${this.vpc.vpcId}`)) {
      throw new Error(`property namespaceName must differ for each AirflowCluster in a VPC, got ${JSON.stringify(name)} again: define the other one with a namespaceName of its own`);
    }
  }

  private defineVpc(natGateways: number): ec2.IVpc {
    return new ec2.Vpc(this, 'Vpc', {
      maxAzs: ZONES,
      natGateways,
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } }, // DAGs and logs do not pay for the NAT gateway
    });
  }

  private defineNamespace(name: string): servicediscovery.PrivateDnsNamespace {
    const namespace = new servicediscovery.PrivateDnsNamespace(this, 'Namespace', { name, vpc: this.vpc });
    (namespace.node.defaultChild as servicediscovery.CfnPrivateDnsNamespace).properties = { dnsProperties: { soa: { ttl: NO_ADDRESS_TTL } } };
    return namespace;
  }

  /** By hand: what `enableFargateCapacityProviders` defines appears too late in synthesis for anything to depend on it. */
  private defineCapacityProviders(cluster: ecs.Cluster): IDependable {
    const association = new ecs.CfnClusterCapacityProviderAssociations(this, 'CapacityProviders', {
      cluster: cluster.clusterName,
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }], // without a weight nothing can be placed by it
    });
    // The first ECS cluster of an account makes ECS's service-linked role, which takes a while to be seen: so does a NAT gateway.
    association.node.addDependency(this.vpc.selectSubnets(this.vpcSubnets).internetConnectivityEstablished);
    return association;
  }

  private defineLogGroup(retention: logs.RetentionDays): logs.ILogGroup {
    const { partition, region, account } = Stack.of(this);
    const statement = new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` } },
    });
    if (this._encryptionKey?.addToResourcePolicy(statement).statementAdded === false) {
      warnOfKey(this, this._encryptionKey, statement);
    }
    return new logs.LogGroup(this, 'LogGroup', { retention, encryptionKey: this._encryptionKey, removalPolicy: this._removalPolicy });
  }
}

function validateProps(props: AirflowClusterProps): void {
  validateTypes(props, TYPES);
  const { ecsCluster, vpc, natGateways, containerInsights, namespaceName } = props;
  if (namespaceName !== undefined && !Token.isUnresolved(namespaceName) && !DOMAIN.test(namespaceName)) {
    throw new Error(`property namespaceName must be a domain name of letters, digits, "-" and ".", up to 200 characters, got ${shown(namespaceName)}`);
  }
  if (ecsCluster && vpc) {
    throw new Error('property vpc must be left out when property ecsCluster is given: the cluster has its VPC');
  }
  if (ecsCluster && containerInsights !== undefined) {
    throw new Error('property containerInsights must be left out when property ecsCluster is given: it is a setting of that cluster');
  }
  if (natGateways === undefined) {
    return;
  }
  if (ecsCluster || vpc) {
    throw new Error(`property natGateways must be left out when property ${ecsCluster ? 'ecsCluster' : 'vpc'} is given: the VPC has its own`);
  }
  if (Token.isUnresolved(natGateways)) {
    throw new Error('property natGateways must be known at synthesis, got a token: it decides how many resources there are');
  }
  if (!Number.isInteger(natGateways) || natGateways < 1 || natGateways > ZONES) {
    throw new Error(`property natGateways must be 1 to ${ZONES}, one for each zone of the VPC at most, got ${natGateways}`);
  }
}

import { Arn, ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { PEERS } from './peers';
import { BUCKET, SUBNETS } from '../properties/cdk-types';
import { BOOLEAN, object, PropertyTypes, required, shown, STRING, validateTypes } from '../properties/property-types';
import type { AirflowService } from '../service/airflow-service';

/** Options of access by a load balancer. */
export interface WebAccessLoadBalancerOptions {
  /** The name that people open, for example `airflow.example.com`. The certificate has to be made for it. */
  readonly domain: string;

  /** The certificate, of the region of the stack. */
  readonly certificate: acm.ICertificate;

  /**
   * Whether it has public addresses. The VPC needs public subnets then.
   *
   * @default false
   */
  readonly internetFacing?: boolean;

  /**
   * Who may connect: addresses (`Peer.ipv4('203.0.113.0/24')`), security groups, or what has some.
   *
   * @default - the addresses of the VPC; everybody if it is internet-facing, which a warning says
   */
  readonly allowFrom?: ec2.IConnectable[];

  /**
   * The subnets that it stands in, in two availability zones at least.
   *
   * @default - the private subnets; the public ones if it is internet-facing
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * ARN of a web ACL of AWS WAF (scope `REGIONAL`) that requests have to pass.
   *
   * @default - none
   */
  readonly webAclArn?: string;

  /**
   * Bucket that it writes a line for each request to, below the prefix `web-access`. It has to have encryption with keys that S3 manages, and the region
   * of the stack has to be known.
   *
   * @default - no access logs
   */
  readonly accessLogs?: s3.IBucket;
}

const TYPES: PropertyTypes<WebAccessLoadBalancerOptions> = {
  domain: required(STRING),
  certificate: required(object<acm.ICertificate>('a certificate of ACM', 'certificateArn')),
  internetFacing: BOOLEAN,
  allowFrom: PEERS,
  vpcSubnets: SUBNETS,
  webAclArn: STRING,
  accessLogs: BUCKET,
};

/** What only workers ask, however it is written: the web server takes `/%65xecution` for it as well. No page begins with an encoded character. */
const INTERNAL = ['^/+execution(/|$)', '^/+[^/]*%'];

/** What CDK has for a group that lets nothing out. */
const NOTHING = { CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 };

export interface LoadBalancerProps extends WebAccessLoadBalancerOptions {
  readonly vpc: ec2.IVpc;
  readonly webServer: AirflowService;
}

/** HTTPS for people, and a way from there to the web server. */
export class LoadBalancer extends Construct {
  public readonly loadBalancer: elbv2.ApplicationLoadBalancer;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);

    const { vpc, webServer, internetFacing = false } = props;
    validateCertificate(this, props.certificate);
    const securityGroup = this.defineSecurityGroup(vpc);
    this.loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'Resource', {
      vpc,
      internetFacing,
      vpcSubnets: props.vpcSubnets ?? { subnetType: internetFacing ? ec2.SubnetType.PUBLIC : ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroup,
      dropInvalidHeaderFields: true,
    });
    this.logRequests(props.accessLogs);
    this.filterRequests(props.webAclArn);
    const targets = this.defineTargets(vpc, webServer);
    const https = this.loadBalancer.addListener('Https', {
      port: 443,
      certificates: [props.certificate],
      sslPolicy: elbv2.SslPolicy.TLS13_12_RES_PQ,
      defaultTargetGroups: [targets],
      open: false,
    });
    this.keepInternal(https);
    const http = this.loadBalancer.addListener('Http', {
      port: 80, defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }), open: false,
    });
    this.allow([https, http], props);
  }

  /** CDK takes the rule for nothing out when the one to the web server comes, a resource of its own: until that is there AWS would have one for everything. */
  private defineSecurityGroup(vpc: ec2.IVpc): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Airflow: load balancer', allowAllOutbound: false });
    (securityGroup.node.defaultChild as ec2.CfnSecurityGroup).addPropertyOverride('SecurityGroupEgress', [NOTHING]);
    return securityGroup;
  }

  private defineTargets(vpc: ec2.IVpc, { service, container }: AirflowService): elbv2.ApplicationTargetGroup {
    const targets = new elbv2.ApplicationTargetGroup(this, 'Targets', {
      vpc,
      protocol: elbv2.ApplicationProtocol.HTTP,
      port: container.containerPort,
      targetType: elbv2.TargetType.IP,
      targets: [service.loadBalancerTarget({ containerName: container.containerName, containerPort: container.containerPort })],
      deregistrationDelay: Duration.seconds(30),
      // ECS replaces what is red. The path asks no database, and it may be silent for as long as the check of the container allows.
      healthCheck: {
        path: '/api/v2/version', interval: Duration.seconds(30), timeout: Duration.seconds(10), healthyThresholdCount: 2, unhealthyThresholdCount: 10,
      },
    });
    (service.node.defaultChild as ecs.CfnService).healthCheckGracePeriodSeconds = 120;
    return targets;
  }

  private keepInternal(listener: elbv2.ApplicationListener): void {
    new elbv2.CfnListenerRule(this, 'Internal', {
      listenerArn: listener.listenerArn,
      priority: 1,
      conditions: [{ field: 'path-pattern', pathPatternConfig: { regexValues: INTERNAL } }],
      actions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: '404', contentType: 'text/plain', messageBody: 'Not found' } }],
    });
  }

  private allow(listeners: elbv2.ApplicationListener[], { vpc, internetFacing, allowFrom }: LoadBalancerProps): void {
    const peers = allowFrom ?? [internetFacing ? ec2.Peer.anyIpv4() : ec2.Peer.ipv4(vpc.vpcCidrBlock)];
    listeners.forEach(({ connections }) => peers.forEach(peer => connections.allowDefaultPortFrom(peer, 'people to load balancer')));
  }

  private logRequests(bucket?: s3.IBucket): void {
    if (!bucket) { return; }
    if (Token.isUnresolved(Stack.of(this).region)) {
      throw new Error('property accessLogs needs a stack whose region is known: the policy of the bucket depends on it; give env.region to the stack');
    }
    this.loadBalancer.logAccessLogs(bucket, 'web-access');
  }

  private filterRequests(webAclArn?: string): void {
    if (webAclArn === undefined) { return; }
    new wafv2.CfnWebACLAssociation(this, 'WebAcl', { resourceArn: this.loadBalancer.loadBalancerArn, webAclArn });
  }
}

/** Refuses what is known to be wrong. */
export function validateLoadBalancer(options: WebAccessLoadBalancerOptions): void {
  validateTypes(options, TYPES);
  const { domain, allowFrom, webAclArn } = options;
  if (!Token.isUnresolved(domain) && !/^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(domain)) {
    throw new Error(`property domain must be a domain name without scheme and path, for example "airflow.example.com", got ${shown(domain)}`);
  }
  if (allowFrom && allowFrom.length === 0) {
    throw new Error('property allowFrom must have a peer, got []: nobody could connect');
  }
  if (webAclArn !== undefined && !Token.isUnresolved(webAclArn) && !/^arn:[\w-]+:wafv2:[\w-]+:\d{12}:regional\/webacl\/.+$/.test(webAclArn)) {
    throw new Error(`property webAclArn must be the ARN of a regional web ACL, for example "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/…", got ${shown(webAclArn)}`);
  }
}

function validateCertificate(scope: Construct, { certificateArn }: acm.ICertificate): void {
  if (Token.isUnresolved(certificateArn)) { return; }
  const { region } = Stack.of(scope);
  const { region: ofCertificate } = Arn.split(certificateArn, ArnFormat.SLASH_RESOURCE_NAME);
  if (!Token.isUnresolved(region) && region !== ofCertificate) {
    throw new Error(`property certificate must be one of the region of the stack, ${region}, got one of ${ofCertificate}: a load balancer takes no others`);
  }
}

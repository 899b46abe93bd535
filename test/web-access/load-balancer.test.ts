import { Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ServerlessAirflow, WebAccess, WebAccessLoadBalancerOptions } from '../../src';
import { newApp, newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';

function synthesize(options: Partial<WebAccessLoadBalancerOptions> = {}, stack: Stack = newStack()) {
  const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', ARN);
  const airflow = new ServerlessAirflow(stack, 'Airflow', {
    vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }), webAccess: WebAccess.loadBalancer({ domain: 'airflow.example.com', certificate, ...options }),
  });
  return { synthesized: new SynthesizedStack(stack), airflow };
}

function properties(synthesized: SynthesizedStack, type: string): any[] {
  return synthesized.ofType(`AWS::ElasticLoadBalancingV2::${type}`).map(([, { Properties }]) => Properties);
}

describe('a load balancer', () => {
  const { synthesized, airflow } = synthesize();
  const [[loadBalancer]] = synthesized.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer');
  const [[targets]] = synthesized.ofType('AWS::ElasticLoadBalancingV2::TargetGroup');

  test('is internal, in the private subnets, and takes no invalid headers', () => {
    const [{ SecurityGroups, ...others }] = properties(synthesized, 'LoadBalancer');

    expect(others).toEqual({
      Scheme: 'internal',
      Type: 'application',
      Subnets: [1, 2].map(number => ({ Ref: expect.stringMatching(`VpcPrivateSubnet${number}Subnet`) })),
      LoadBalancerAttributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }, { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' }],
    });
    expect(SecurityGroups.map((group: any) => synthesized.resources[group['Fn::GetAtt'][0]].Properties.GroupDescription)).toEqual(['Airflow: load balancer']);
    expect(airflow.loadBalancer?.node.path).toBe('Stack/Airflow/LoadBalancer/Resource');
  });

  test('speaks HTTPS, leads HTTP there, and offers nothing that only workers ask', () => {
    const [https, http] = ['443', '80'].map(port => properties(synthesized, 'Listener').find(({ Port }) => String(Port) === port));

    expect(https).toEqual({
      LoadBalancerArn: { Ref: loadBalancer },
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      Certificates: [{ CertificateArn: ARN }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: targets } }],
    });
    expect(http).toEqual({
      LoadBalancerArn: { Ref: loadBalancer },
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }],
    });
    expect(properties(synthesized, 'ListenerRule')).toEqual([{
      ListenerArn: { Ref: expect.stringContaining('Https') },
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/+execution(/|$)', '^/+[^/]*%'] } }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'Not found' } }],
    }]);
  });

  test.each([
    ['/execution', true], ['/execution/', true], ['/execution/task-instances/1/run', true], ['//execution/health', true], ['/%65xecution/health', true], ['/executio%6e', true],
    ['/', false], ['/executions', false], ['/dags/a/runs/manual__2026-01-01T00%3A00%3A00', false], ['/api/v2/dags/%E4', false], ['/auth/login/', false],
  ])('%s is internal: %s', (path, internal) => {
    const [{ Conditions: [{ PathPatternConfig: { RegexValues } }] }] = properties(synthesized, 'ListenerRule');

    expect(RegexValues.some((pattern: string) => new RegExp(pattern).test(path))).toBe(internal);
  });

  test('asks the web server for what needs no database, as patiently as ECS does', () => {
    expect(properties(synthesized, 'TargetGroup')).toEqual([{
      VpcId: { Ref: expect.stringMatching(/^Vpc/) },
      Port: 8080,
      Protocol: 'HTTP',
      TargetType: 'ip',
      HealthCheckPath: '/api/v2/version',
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 10,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 10,
      TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }, { Key: 'stickiness.enabled', Value: 'false' }],
    }]);
    const { Properties, DependsOn } = synthesized.service('web-server');
    expect(Properties.LoadBalancers).toEqual([{ ContainerName: 'web-server', ContainerPort: 8080, TargetGroupArn: { Ref: targets } }]);
    expect(Properties.HealthCheckGracePeriodSeconds).toBe(120);
    expect(DependsOn.filter((id: string) => id.includes('LoadBalancerHttps'))).toHaveLength(1);
  });

  test('is between the addresses of the VPC and the web server', () => {
    expect(synthesized.connections().filter(connection => /load balancer|-> Airflow: web-server:/.test(connection))).toEqual([
      ...[443, 80].map(port => `\${${synthesized.ofType('AWS::EC2::VPC')[0][0]}.CidrBlock} -> Airflow: load balancer:${port} (not let out)`),
      'Airflow: load balancer -> Airflow: web-server:8080', 'Airflow: worker -> Airflow: web-server:8080',
    ]);
  });

  test('is known to every component, and cookies are for HTTPS only', () => {
    for (const component of ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower', 'migrate']) {
      expect(synthesized.containers[component].environment).toMatchObject({ AIRFLOW__API__BASE_URL: 'https://airflow.example.com', AIRFLOW__FAB__COOKIE_SECURE: 'True' });
    }
    expect(synthesized.containers['web-server'].environment).toMatchObject({ AIRFLOW__FAB__ENABLE_PROXY_FIX: 'True', FORWARDED_ALLOW_IPS: '*' });
  });
});

test('public, with a web ACL, access logs and who may connect as told', () => {
  const stack = new Stack(newApp(), 'Stack', { env: { region: 'eu-central-1', account: '123456789012' } });
  const webAclArn = 'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/airflow/1';
  const { synthesized } = synthesize({
    internetFacing: true, webAclArn, accessLogs: new s3.Bucket(stack, 'Logs'), allowFrom: [ec2.Peer.ipv4('203.0.113.0/24')],
  }, stack);

  expect(properties(synthesized, 'LoadBalancer')).toEqual([expect.objectContaining({
    Scheme: 'internet-facing',
    Subnets: [1, 2].map(number => ({ Ref: expect.stringMatching(`VpcPublicSubnet${number}Subnet`) })),
    LoadBalancerAttributes: expect.arrayContaining([
      { Key: 'access_logs.s3.enabled', Value: 'true' }, { Key: 'access_logs.s3.bucket', Value: { Ref: expect.stringMatching(/^Logs/) } }, { Key: 'access_logs.s3.prefix', Value: 'web-access' },
    ]),
  })]);
  expect(synthesized.ofType('AWS::WAFv2::WebACLAssociation').map(([, { Properties }]) => Properties)).toEqual([
    { WebACLArn: webAclArn, ResourceArn: { Ref: synthesized.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')[0][0] } },
  ]);
  expect(synthesized.connections().filter(connection => connection.includes('-> Airflow: load balancer'))).toEqual(
    [443, 80].map(port => `203.0.113.0/24 -> Airflow: load balancer:${port} (not let out)`),
  );
});

test.each<[Partial<Record<keyof WebAccessLoadBalancerOptions, any>>, string]>([
  [{ certificate: undefined }, 'property certificate must be a certificate of ACM, got undefined'],
  [{ domain: undefined }, 'property domain must be a string, got undefined'],
  [{ domain: 'https://airflow.example.com' }, 'property domain must be a domain name without scheme and path, for example "airflow.example.com", got "https://airflow.example.com"'],
  [{ domain: 'airflow' }, 'property domain must be a domain name without scheme and path, for example "airflow.example.com", got "airflow"'],
  [{ domain: 'example.com/airflow' }, 'property domain must be a domain name without scheme and path, for example "airflow.example.com", got "example.com/airflow"'],
  [{ allowFrom: [] }, 'property allowFrom must have a peer, got []: nobody could connect'],
  [{ webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1' }, 'property webAclArn must be the ARN of a regional web ACL'],
])('fails for %j', (options, message) => {
  expect(() => WebAccess.loadBalancer({ domain: 'airflow.example.com', certificate: { certificateArn: ARN } as any, ...options })).toThrow(message);
});

test('fails for access logs in a region that is not known, and for a certificate of another region', () => {
  expect(() => synthesize({ accessLogs: { bucketArn: 'arn' } as any })).toThrow('property accessLogs needs a stack whose region is known');
  expect(() => synthesize({}, new Stack(newApp(), 'Stack', { env: { region: 'us-east-1', account: '123456789012' } })))
    .toThrow('property certificate must be one of the region of the stack, us-east-1, got one of eu-central-1: a load balancer takes no others');
});

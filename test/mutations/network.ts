import { dropDependency, egress, ingress, Mutation, removeResource } from './mutation';

/** Connections that are missing, or that nobody asked for. */
export const NETWORK: Mutation[] = [
  {
    name: 'the database does not let the scheduler in',
    consequence: 'its tasks time out, and the circuit breaker fails the deployment',
    apply: template => removeResource(template, ingress(template, 'scheduler -> database:5432')[0]),
  },
  {
    name: 'the web server does not let workers in',
    consequence: 'no task can start: they hang on the Execution API',
    apply: template => removeResource(template, ingress(template, 'worker -> web-server:8080')[0]),
  },
  {
    name: 'workers do not let the web server in',
    consequence: 'no logs of running tasks in the UI',
    apply: template => removeResource(template, ingress(template, 'web-server -> worker:8793')[0]),
  },
  {
    name: 'the scheduler may not connect to the database',
    consequence: 'its tasks time out, and the circuit breaker fails the deployment',
    apply: template => removeResource(template, egress(template, 'scheduler -> database:5432')[0]),
  },
  {
    name: 'Flower may not pull its image',
    consequence: 'its task does not start: the image registry and Secrets Manager do not answer',
    apply: ({ resources }) => {
      resources.AirflowFlowerSecurityGroupB88A3B8A.Properties.SecurityGroupEgress = [{
        CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic', FromPort: 252, IpProtocol: 'icmp', ToPort: 86,
      }];
    },
  },
  {
    name: 'workers may connect to everything',
    consequence: 'nothing fails: code of any DAG can send anything anywhere',
    apply: ({ resources }) => {
      resources.AirflowWorkerSecurityGroupD202B51A.Properties.SecurityGroupEgress = [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1', Description: 'everything' }];
    },
  },
  {
    name: 'the web server may connect to what everything may by default',
    consequence: 'nothing fails: a security group without rules lets everything out',
    apply: ({ resources }) => { delete resources.AirflowWebServerSecurityGroupA96FF579.Properties.SecurityGroupEgress; },
  },
  {
    name: 'the worker does not wait for the rule that lets it out to Redis',
    consequence: 'the first deployment fails now and then: its health check is red until the rule is there',
    apply: template => dropDependency(template.service('worker'), egress(template, 'worker -> Redis:6379')[0]),
  },
  {
    name: 'the migration does not wait for the rule by which the database lets it in',
    consequence: 'the first deployment fails now and then: the database does not answer',
    apply: template => dropDependency(template.resources.AirflowMigration2CF89059, ingress(template, 'migration -> database:5432')[0]),
  },
  {
    name: 'Redis listens on another port than it lets in',
    consequence: 'workers never get a task',
    apply: template => {
      const [, { Properties }] = ingress(template, 'worker -> Redis:6379');
      Properties.FromPort = Properties.ToPort = 6380;
    },
  },
  {
    name: 'Redis lets the whole VPC in',
    consequence: 'nothing fails: the password is the only thing left between any host and the workers',
    apply: template => {
      const [, { Properties }] = ingress(template, 'worker -> Redis:6379');
      delete Properties.SourceSecurityGroupId;
      Properties.CidrIp = '10.0.0.0/16';
    },
  },
  {
    name: 'the web server lets the internet in',
    consequence: 'nothing fails as long as nobody gives it a public address',
    apply: template => {
      template.resources.AirflowWebServerSecurityGroupA96FF579.Properties.SecurityGroupIngress =
        [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, Description: 'UI' }];
    },
  },
  {
    name: 'a rule has no description',
    consequence: 'nothing fails: nobody knows in a year what it is for',
    apply: template => { delete ingress(template, 'flower -> Redis:6379')[1].Properties.Description; },
  },
  {
    name: 'tasks get public addresses',
    consequence: 'nothing fails: a private subnet routes them through NAT all the same, a public one exposes them',
    apply: template => { template.service('flower').Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = 'ENABLED'; },
  },
  {
    name: 'the private name of the web server has SRV records',
    consequence: 'clients that ask for an address get none: no task can start',
    apply: template => {
      template.ofType('AWS::ServiceDiscovery::Service').find(([, { Properties }]) => Properties.Name === 'webserver')![1].Properties.DnsConfig.DnsRecords[0].Type = 'SRV';
    },
  },
  {
    name: 'clients remember Redis for an hour',
    consequence: 'after a replacement of its task nothing is queued for up to an hour',
    apply: template => {
      template.ofType('AWS::ServiceDiscovery::Service').find(([, { Properties }]) => Properties.Name === 'redis')![1].Properties.DnsConfig.DnsRecords[0].TTL = 3600;
    },
  },
  {
    name: 'Flower has no private name',
    consequence: 'nothing fails: flower.airflow does not resolve',
    apply: template => { delete template.service('flower').Properties.ServiceRegistries; },
  },
  {
    name: 'the second private subnet has no way to the internet',
    consequence: 'tasks that land there cannot pull their image: half of the deployments fail',
    apply: template => removeResource(template, 'AirflowClusterVpcPrivateSubnet2DefaultRouteA65A672D'),
  },
  {
    name: 'the VPC has no DNS hostnames',
    consequence: 'private names do not resolve: workers find neither Redis nor the web server',
    apply: ({ resources }) => { resources.AirflowClusterVpcA1B8E398.Properties.EnableDnsHostnames = false; },
  },
];

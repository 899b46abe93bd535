import { expect } from 'expect';
import { Check } from './check';

/** The security group of each service. */
const GROUPS = {
  'web-server': 'AirflowWebServerSecurityGroupA96FF579',
  'scheduler': 'AirflowSchedulerSecurityGroup5837542C',
  'dag-processor': 'AirflowDagProcessorSecurityGroupCA3C8CA5',
  'triggerer': 'AirflowTriggererSecurityGroup33176E6A',
  'worker': 'AirflowWorkerSecurityGroupD202B51A',
  'flower': 'AirflowFlowerSecurityGroupB88A3B8A',
  'redis': 'AirflowRedisSecurityGroupA7142995',
};

export const NETWORK: Check[] = [
  {
    name: 'security groups let in and out exactly this',
    check(synthesized) {
      expect(synthesized.connections()).toEqual([
        'Airflow: Redis -> 0.0.0.0/0:443',
        'Airflow: dag-processor -> 0.0.0.0/0:443',
        'Airflow: dag-processor -> Airflow: database:5432',
        'Airflow: flower -> 0.0.0.0/0:443',
        'Airflow: flower -> Airflow: Redis:6379',
        'Airflow: migration -> 0.0.0.0/0:443',
        'Airflow: migration -> Airflow: database:5432',
        'Airflow: scheduler -> 0.0.0.0/0:443',
        'Airflow: scheduler -> Airflow: Redis:6379',
        'Airflow: scheduler -> Airflow: database:5432',
        'Airflow: triggerer -> 0.0.0.0/0:443',
        'Airflow: triggerer -> Airflow: database:5432',
        'Airflow: web-server -> 0.0.0.0/0:443',
        'Airflow: web-server -> Airflow: database:5432',
        'Airflow: web-server -> Airflow: triggerer:8794',
        'Airflow: web-server -> Airflow: worker:8793',
        'Airflow: worker -> 0.0.0.0/0:443',
        'Airflow: worker -> Airflow: Redis:6379',
        'Airflow: worker -> Airflow: database:5432',
        'Airflow: worker -> Airflow: web-server:8080',
      ]);
    },
  },
  {
    name: 'whatever connects to a server waits for the rules on both sides',
    check(synthesized) {
      const waiting = Object.fromEntries([
        ...synthesized.ofType('AWS::ECS::Service').map(([, { Properties, DependsOn }]) => [
          Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[0]['Fn::GetAtt'][0], DependsOn,
        ]),
        ...synthesized.ofType('Custom::AirflowMigration').map(([, { Properties, DependsOn }]) => [Properties.SecurityGroupId['Fn::GetAtt'][0], DependsOn]),
      ]);
      const rules = [
        ...synthesized.ofType('AWS::EC2::SecurityGroupEgress').map(([id, { Properties }]) => [id, Properties.GroupId['Fn::GetAtt'][0]]),
        ...synthesized.ofType('AWS::EC2::SecurityGroupIngress').map(([id, { Properties }]) => [id, Properties.SourceSecurityGroupId['Fn::GetAtt'][0]]),
      ];

      expect(rules.filter(([rule, client]) => !waiting[client]?.includes(rule))).toEqual([]);
      expect(rules).toHaveLength(24);
    },
  },
  {
    name: 'web server, Flower and Redis have private names that clients look up again after ten seconds',
    check(synthesized) {
      const registered = ['flower', 'redis', 'web-server'].map(container => {
        const [id, attribute] = synthesized.service(container).Properties.ServiceRegistries?.[0]?.RegistryArn['Fn::GetAtt'] ?? [];
        return attribute === 'Arn' && synthesized.resources[id].Properties;
      });

      const NamespaceId = { 'Fn::GetAtt': ['AirflowClusterNamespaceB80A837E', 'Id'] };
      expect(registered).toEqual(['flower', 'redis', 'webserver'].map(Name => ({
        Name,
        NamespaceId,
        DnsConfig: { DnsRecords: [{ TTL: 10, Type: 'A' }], RoutingPolicy: 'MULTIVALUE', NamespaceId },
        // ECS says which tasks are healthy
        HealthCheckCustomConfig: { FailureThreshold: 1 },
      })));
      expect(synthesized.ofType('AWS::ServiceDiscovery::Service')).toHaveLength(3);
    },
  },
  {
    name: 'tasks are in the private subnets, without public addresses, in security groups of their own',
    check(synthesized) {
      for (const [container, group] of Object.entries(GROUPS)) {
        expect(synthesized.service(container).Properties.NetworkConfiguration.AwsvpcConfiguration).toEqual({
          AssignPublicIp: 'DISABLED',
          Subnets: [{ Ref: 'AirflowClusterVpcPrivateSubnet1SubnetAF3D7C4F' }, { Ref: 'AirflowClusterVpcPrivateSubnet2SubnetAB67CCBC' }],
          SecurityGroups: [{ 'Fn::GetAtt': [group, 'GroupId'] }],
        });
      }
    },
  },
];

import { expect } from 'expect';
import { Check } from './check';

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
        const [{ RegistryArn }] = synthesized.service(container).Properties.ServiceRegistries ?? [{}];
        return RegistryArn && synthesized.resources[RegistryArn['Fn::GetAtt'][0]].Properties;
      });

      expect(registered.map(properties => properties?.Name)).toEqual(['flower', 'redis', 'webserver']);
      for (const { DnsConfig } of registered) {
        expect(DnsConfig).toMatchObject({
          DnsRecords: [{ TTL: 10, Type: 'A' }],
          RoutingPolicy: 'MULTIVALUE',
          NamespaceId: { 'Fn::GetAtt': ['AirflowClusterNamespaceB80A837E', 'Id'] },
        });
      }
      expect(synthesized.ofType('AWS::ServiceDiscovery::Service')).toHaveLength(3);
    },
  },
  {
    name: 'tasks are in the private subnets, without public addresses, in security groups of their own',
    check(synthesized) {
      const groups = synthesized.ofType('AWS::ECS::Service').map(([, { Properties }]) => {
        const { AssignPublicIp, Subnets, SecurityGroups } = Properties.NetworkConfiguration.AwsvpcConfiguration;
        expect({ AssignPublicIp, Subnets }).toEqual({
          AssignPublicIp: 'DISABLED',
          Subnets: [{ Ref: 'AirflowClusterVpcPrivateSubnet1SubnetAF3D7C4F' }, { Ref: 'AirflowClusterVpcPrivateSubnet2SubnetAB67CCBC' }],
        });
        expect(SecurityGroups).toHaveLength(1);
        return JSON.stringify(SecurityGroups);
      });
      expect(new Set(groups).size).toBe(7);
    },
  },
  {
    name: 'private subnets have a way to the internet, public ones are the NAT gateway\'s',
    check(synthesized) {
      const routes = synthesized.ofType('AWS::EC2::Route').map(([id, { Properties }]) => [id, Properties.NatGatewayId?.Ref ?? Properties.GatewayId?.Ref]);

      expect(Object.fromEntries(routes)).toEqual({
        AirflowClusterVpcPublicSubnet1DefaultRouteF5F953B3: 'AirflowClusterVpcIGW23191377',
        AirflowClusterVpcPublicSubnet2DefaultRoute9C591F6B: 'AirflowClusterVpcIGW23191377',
        AirflowClusterVpcPrivateSubnet1DefaultRouteEEB46C69: 'AirflowClusterVpcPublicSubnet1NATGatewayA5B23698',
        AirflowClusterVpcPrivateSubnet2DefaultRouteA65A672D: 'AirflowClusterVpcPublicSubnet1NATGatewayA5B23698',
      });
      synthesized.template.hasResourceProperties('AWS::EC2::VPC', { EnableDnsHostnames: true, EnableDnsSupport: true });
    },
  },
];

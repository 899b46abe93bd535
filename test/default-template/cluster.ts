import { expect } from 'expect';
import { Check } from './check';

const CLUSTER = 'AirflowCluster1E2C574F';
const VPC = { Ref: 'AirflowClusterVpcA1B8E398' };
const ROUTE_TABLES = {
  private1: 'AirflowClusterVpcPrivateSubnet1RouteTable44F0E092',
  private2: 'AirflowClusterVpcPrivateSubnet2RouteTable534A2072',
  public1: 'AirflowClusterVpcPublicSubnet1RouteTableC585A855',
  public2: 'AirflowClusterVpcPublicSubnet2RouteTableE6C0BA78',
};
const INTERNET_GATEWAY = { GatewayId: { Ref: 'AirflowClusterVpcIGW23191377' } };
const NAT_GATEWAY = { NatGatewayId: { Ref: 'AirflowClusterVpcPublicSubnet1NATGatewayA5B23698' } };

export const CLUSTERS: Check[] = [
  {
    name: 'private subnets have a way to the internet, public ones are the NAT gateway\'s',
    check(synthesized) {
      const routes = synthesized.ofType('AWS::EC2::Route').map(([id, { Properties }]) => [id, Properties]);
      const route = (table: string) => ({ DestinationCidrBlock: '0.0.0.0/0', RouteTableId: { Ref: table } });

      expect(Object.fromEntries(routes)).toEqual({
        AirflowClusterVpcPublicSubnet1DefaultRouteF5F953B3: { ...route(ROUTE_TABLES.public1), ...INTERNET_GATEWAY },
        AirflowClusterVpcPublicSubnet2DefaultRoute9C591F6B: { ...route(ROUTE_TABLES.public2), ...INTERNET_GATEWAY },
        AirflowClusterVpcPrivateSubnet1DefaultRouteEEB46C69: { ...route(ROUTE_TABLES.private1), ...NAT_GATEWAY },
        AirflowClusterVpcPrivateSubnet2DefaultRouteA65A672D: { ...route(ROUTE_TABLES.private2), ...NAT_GATEWAY },
      });
      expect(synthesized.resources[VPC.Ref].Properties).toMatchObject({ EnableDnsHostnames: true, EnableDnsSupport: true });
    },
  },
  {
    name: 'S3 is reached from all subnets without the NAT gateway',
    check(synthesized) {
      expect(synthesized.ofType('AWS::EC2::VPCEndpoint').map(([, { Properties: { Tags, ...properties } }]) => properties)).toEqual([{
        ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.s3']] },
        VpcEndpointType: 'Gateway',
        VpcId: VPC,
        RouteTableIds: Object.values(ROUTE_TABLES).map(Ref => ({ Ref })),
      }]);
    },
  },
  {
    name: 'the cluster is watched, and its tasks are not interrupted unless they are told to be',
    check(synthesized) {
      expect(synthesized.resources[CLUSTER].Properties.ClusterSettings).toEqual([{ Name: 'containerInsights', Value: 'enabled' }]);
      expect(synthesized.ofType('AWS::ECS::ClusterCapacityProviderAssociations').map(([, { Properties }]) => Properties)).toEqual([{
        Cluster: { Ref: CLUSTER },
        CapacityProviders: ['FARGATE', 'FARGATE_SPOT'],
        DefaultCapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }],
      }]);
    },
  },
  {
    name: 'private names end with .airflow',
    check(synthesized) {
      const namespaces = synthesized.ofType('AWS::ServiceDiscovery::PrivateDnsNamespace').map(([id, { Properties }]) => [id, Properties]);
      expect(Object.fromEntries(namespaces)).toEqual({
        // a name without an address is asked for again after 5 seconds
        AirflowClusterNamespaceB80A837E: { Name: 'airflow', Vpc: VPC, Properties: { DnsProperties: { SOA: { TTL: 5 } } } },
      });
    },
  },
  {
    name: 'all security groups are of the VPC',
    check(synthesized) {
      expect(synthesized.ofType('AWS::EC2::SecurityGroup').map(([, { Properties }]) => Properties.VpcId)).toEqual(Array.from({ length: 9 }, () => VPC));
    },
  },
];

import { expect } from 'expect';
import { Check, forEach } from './check';
import { SynthesizedStack } from '../private/template';

const MIGRATION = ['AirflowMigration2CF89059'];
const FERNET_KEY = ['AirflowFernetKey9569A78C'];
const DATABASE = ['AirflowDatabaseCluster390DDA42', 'AirflowDatabaseClusterSubnets11780FAE', 'AirflowDatabaseClusterWriterADA354BC'];
const REDIS = ['AirflowRedisService4FFBAA81', 'AirflowRedisServiceCloudmapServiceA094A5A1'];
const DAGS = ['AirflowDagsDirectoriesdagsDeploymentAwsCliLayer6A863583', 'AirflowDagsDirectoriesdagsDeploymentCustomResource512MiB6A41ABF6'];
const INTERNET = [
  'AirflowClusterVpcPrivateSubnet1DefaultRouteEEB46C69',
  'AirflowClusterVpcPrivateSubnet1RouteTableAssociationF43FB4D3',
  'AirflowClusterVpcPrivateSubnet2DefaultRouteA65A672D',
  'AirflowClusterVpcPrivateSubnet2RouteTableAssociationD240CA0C',
];
const CAPACITY_PROVIDERS = ['AirflowClusterCapacityProvidersB58F9BE7'];

/** What has to be there before the tasks start, besides what all wait for. */
const SERVICES = {
  'web-server': [...MIGRATION, ...FERNET_KEY, ...DATABASE],
  'scheduler': [...MIGRATION, ...FERNET_KEY, ...DATABASE, ...REDIS],
  'dag-processor': [...MIGRATION, ...FERNET_KEY, ...DATABASE, ...DAGS],
  'triggerer': [...MIGRATION, ...FERNET_KEY, ...DATABASE],
  'worker': [...MIGRATION, ...DATABASE, ...REDIS, ...DAGS],
  'flower': [...MIGRATION, ...REDIS],
  'redis': [],
};

/** What other resources wait for. */
const OTHERS = {
  // CDK lets an instance wait for the way out of its subnets
  AirflowDatabaseClusterWriterADA354BC: INTERNET,
  // the service-linked role of ECS is there by then, in an account that never had a cluster
  AirflowClusterCapacityProvidersB58F9BE7: INTERNET,
  AirflowFernetKeyFunction43746381: ['AirflowFernetKeyFunctionRoleE4A74461'],
  AirflowMigrationFunction9F13FB81: ['AirflowMigrationFunctionRole0861FF93'],
  AirflowClusterVpcPublicSubnet1DefaultRouteF5F953B3: ['AirflowClusterVpcVPCGW4032EE53'],
  AirflowClusterVpcPublicSubnet2DefaultRoute9C591F6B: ['AirflowClusterVpcVPCGW4032EE53'],
};

export const DEPENDENCY: Check[] = [
  ...forEach(SERVICES, container => `${container} waits for exactly this`, (synthesized, container, resources) => {
    expect(sorted(synthesized.service(container).DependsOn)).toEqual(sorted(serviceWaitsFor(synthesized, container, resources)));
  }),
  ...forEach(SERVICES, container => `the private name of ${container} waits for what the service waits for`, (synthesized, container, resources) => {
    const name = synthesized.service(container).Properties.ServiceRegistries?.[0]?.RegistryArn['Fn::GetAtt'][0];
    // CDK passes the dependencies of a service on to what is in it
    if (name) { expect(sorted(synthesized.resources[name].DependsOn)).toEqual(sorted(serviceWaitsFor(synthesized, container, resources))); }
  }),
  {
    name: 'the migration waits for exactly this',
    check(synthesized) {
      const { Properties, DependsOn } = synthesized.resources.AirflowMigration2CF89059;
      expect(sorted(DependsOn)).toEqual(sorted([
        ...INTERNET,
        ...DATABASE,
        ...FERNET_KEY,
        ...synthesized.rulesOfClient(Properties.SecurityGroupId['Fn::GetAtt'][0]),
        ...synthesized.rolesAndPolicies('migrate', 'ExecutionRoleArn'),
        synthesized.containers.migrate.taskDefinition,
        'AirflowMigrationFunction9F13FB81',
        'AirflowMigrationFunctionLogGroupD09E2B52',
        'AirflowMigrationFunctionRole0861FF93',
        'AirflowMigrationFunctionSelfInvocationD37CB502',
      ]));
    },
  },
  ...forEach(OTHERS, id => `what ${id} waits for`, ({ resources }, id, dependencies) => {
    expect(sorted(resources[id].DependsOn)).toEqual(sorted(dependencies));
  }),
];

function serviceWaitsFor(synthesized: SynthesizedStack, container: string, resources: string[]): string[] {
  const [group] = synthesized.service(container).Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups;
  return [
    ...resources,
    ...CAPACITY_PROVIDERS,
    ...INTERNET,
    ...synthesized.rulesOfClient(group['Fn::GetAtt'][0]),
    ...synthesized.rolesAndPolicies(container, 'TaskRoleArn', 'ExecutionRoleArn'),
  ];
}

function sorted(ids: string[]): string[] {
  return [...ids].sort();
}

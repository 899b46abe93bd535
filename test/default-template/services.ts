import { expect } from 'expect';
import { Check, forEach } from './check';

/** Minimum and maximum percent of a deployment, rebalancing of availability zones. */
const DEPLOYMENTS = {
  'web-server': [100, 200, 'ENABLED'],
  'scheduler': [100, 200, 'ENABLED'],
  'dag-processor': [100, 200, 'ENABLED'],
  'triggerer': [100, 200, 'ENABLED'],
  'worker': [100, 200, 'DISABLED'],
  'flower': [0, 100, 'DISABLED'],
  'redis': [0, 100, 'DISABLED'],
};

const MIGRATION = 'AirflowMigration2CF89059';
const FERNET_KEY = 'AirflowFernetKey9569A78C';
const DATABASE = 'AirflowDatabaseClusterWriterADA354BC';
const REDIS = 'AirflowRedisService4FFBAA81';
const DAGS = 'AirflowDagsdagsDeploymentCustomResource512MiB1F956B5B';

/** What has to be there before the tasks start, besides what all wait for. */
const WAITS_FOR = {
  'web-server': [MIGRATION, FERNET_KEY, DATABASE],
  'scheduler': [MIGRATION, FERNET_KEY, DATABASE, REDIS],
  'dag-processor': [MIGRATION, FERNET_KEY, DATABASE, DAGS],
  'triggerer': [MIGRATION, FERNET_KEY, DATABASE],
  'worker': [MIGRATION, DATABASE, REDIS, DAGS],
  'flower': [MIGRATION, REDIS],
  'redis': [],
};

const ALL_WAIT_FOR = [
  'AirflowClusterCapacityProvidersB58F9BE7',
  'AirflowClusterVpcPrivateSubnet1DefaultRouteEEB46C69',
  'AirflowClusterVpcPrivateSubnet1RouteTableAssociationF43FB4D3',
  'AirflowClusterVpcPrivateSubnet2DefaultRouteA65A672D',
  'AirflowClusterVpcPrivateSubnet2RouteTableAssociationD240CA0C',
];

export const SERVICE: Check[] = [
  ...forEach(DEPLOYMENTS, container => `how ${container} is deployed`, (synthesized, container, [MinimumHealthyPercent, MaximumPercent, rebalancing]) => {
    const { Properties } = synthesized.service(container);

    expect(Properties.DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent,
      MaximumPercent,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
    expect(Properties.AvailabilityZoneRebalancing).toBe(rebalancing);
    expect(Properties.DesiredCount).toBe(1);
    expect(Properties.Cluster).toEqual({ Ref: 'AirflowCluster1E2C574F' });
    expect(Properties.ServiceName).toBeUndefined();
    expect(Properties.EnableExecuteCommand).toBeUndefined();
  }),
  ...forEach(WAITS_FOR, container => `what ${container} waits for`, (synthesized, container, resources) => {
    const { TaskRoleArn, ExecutionRoleArn } = synthesized.resources[synthesized.containers[container].taskDefinition].Properties;
    const policies = [TaskRoleArn, ExecutionRoleArn].flatMap(arn => synthesized.ofType('AWS::IAM::Policy')
      .filter(([, { Properties }]) => Properties.Roles[0].Ref === arn['Fn::GetAtt'][0])
      .map(([id]) => id));

    expect(synthesized.service(container).DependsOn).toEqual(expect.arrayContaining([...resources, ...policies, ...ALL_WAIT_FOR]));
  }),
];

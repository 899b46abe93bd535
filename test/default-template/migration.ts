import { expect } from 'expect';
import { Check } from './check';

export const MIGRATION: Check[] = [
  {
    name: 'makes the databases, then the tables, then the first user',
    check({ containers, resources }) {
      const names = resources[containers.migrate.taskDefinition].Properties.ContainerDefinitions.map(({ Name }: any) => Name);
      expect(names).toEqual(['databases', 'migrate', 'admin']);

      const order = names.map((name: string) => {
        const { Essential, DependsOn } = containers[name].definition;
        return [Essential, ...(DependsOn ?? []).map((dependency: any) => `${dependency.ContainerName} ${dependency.Condition}`)];
      });
      expect(order).toEqual([[false], [false, 'databases SUCCESS'], [true, 'migrate SUCCESS']]);
    },
  },
  {
    name: 'runs scripts with the address of the database, and the migration of Airflow',
    check({ containers }) {
      const address = [{ 'Fn::GetAtt': ['AirflowDatabaseCluster390DDA42', 'Endpoint.Address'] }, '5432'];
      expect(containers.databases.definition.Command).toEqual(['python', '-c', expect.stringContaining('create database'), ...address]);
      expect(containers.migrate.definition.Command).toEqual(['db', 'migrate']);
      expect(containers.admin.definition.Command).toEqual(['python', '-c', expect.stringContaining("'users', 'create'"), ...address]);
      expect(containers.admin.environment.AIRFLOW_ADMIN_USERNAME).toBe('admin');
      expect(containers.migrate.environment.CONNECTION_CHECK_MAX_COUNT).toBe('0');
    },
  },
  {
    name: 'tells its handler what to run and where',
    check({ containers, resources }) {
      expect(resources.AirflowMigration2CF89059.Properties).toMatchObject({
        ServiceToken: { 'Fn::GetAtt': ['AirflowMigrationFunction9F13FB81', 'Arn'] },
        ClusterArn: { 'Fn::GetAtt': ['AirflowCluster1E2C574F', 'Arn'] },
        TaskDefinitionArn: { Ref: containers.migrate.taskDefinition },
        SubnetIds: [{ Ref: 'AirflowClusterVpcPrivateSubnet1SubnetAF3D7C4F' }, { Ref: 'AirflowClusterVpcPrivateSubnet2SubnetAB67CCBC' }],
        SecurityGroupId: { 'Fn::GetAtt': ['AirflowMigrationSecurityGroup960AD2E1', 'GroupId'] },
        LogGroup: { Ref: 'AirflowClusterLogGroupF9E86CE7' },
        LogStreamPrefix: 'migration',
      });
      // which the handler's permission to run it goes by
      expect(resources[containers.migrate.taskDefinition].Properties.Family).toBe('StackAirflowMigrationTaskDefinitionA45479CC');
    },
  },
  {
    name: 'is waited for as long as CloudFormation allows, in invocations as long as Lambda allows',
    check({ resources }) {
      const { TimeoutSeconds, ServiceTimeout } = resources.AirflowMigration2CF89059.Properties;

      expect(ServiceTimeout).toBe('3600');
      expect(Number(TimeoutSeconds)).toBe(3480); // the handler answers before CloudFormation gives up
      expect(resources.AirflowMigrationFunction9F13FB81.Properties.Timeout).toBe(900);
    },
  },
  {
    name: 'the Fernet key is written by its handler alone',
    check({ resources }) {
      expect(resources.AirflowFernetKey9569A78C.Properties).toEqual({
        ServiceToken: { 'Fn::GetAtt': ['AirflowFernetKeyFunction43746381', 'Arn'] },
        ServiceTimeout: '300',
        SecretArn: { Ref: 'AirflowFernetKeySecret45BDA978' },
      });
      expect(Object.keys(resources.AirflowFernetKeySecret45BDA978.Properties)).toEqual(['Description']);
    },
  },
];

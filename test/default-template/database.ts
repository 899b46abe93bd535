import { expect } from 'expect';
import { Check } from './check';

const CLUSTER = 'AirflowDatabaseCluster390DDA42';
const WRITER = 'AirflowDatabaseClusterWriterADA354BC';
const MASTER = 'AirflowDatabaseMasterSecretE78BCA93';
const PARAMETERS = 'AirflowDatabaseParametersFD4262AD';
const SUBNETS = 'AirflowDatabaseClusterSubnets11780FAE';

export const DATABASE: Check[] = [
  {
    name: 'the database is encrypted, protected, backed up, private and current',
    check({ resources }) {
      expect(resources[CLUSTER].Properties).toEqual({
        Engine: 'aurora-postgresql',
        EngineVersion: '17',
        Port: 5432,
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
        StorageEncrypted: true,
        DeletionProtection: true,
        BackupRetentionPeriod: 7,
        CopyTagsToSnapshot: true,
        EnableCloudwatchLogsExports: ['postgresql'],
        EnableIAMDatabaseAuthentication: true,
        MasterUsername: 'airflow_admin',
        MasterUserPassword: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: MASTER }, ':SecretString:password::}}']] },
        DBClusterParameterGroupName: { Ref: PARAMETERS },
        DBSubnetGroupName: { Ref: SUBNETS },
        VpcSecurityGroupIds: [{ 'Fn::GetAtt': ['AirflowDatabaseSecurityGroup3C7FD2CF', 'GroupId'] }],
      });
    },
  },
  {
    name: 'the database has one instance, which is the writer',
    check(synthesized) {
      expect(Object.fromEntries(synthesized.ofType('AWS::RDS::DBInstance').map(([id, { Properties }]) => [id, Properties]))).toEqual({
        [WRITER]: {
          DBClusterIdentifier: { Ref: CLUSTER },
          DBInstanceClass: 'db.serverless',
          Engine: 'aurora-postgresql',
          PromotionTier: 0,
          PubliclyAccessible: false,
        },
      });
    },
  },
  {
    name: 'the database is in the private subnets',
    check({ resources }) {
      expect(resources[SUBNETS].Properties.SubnetIds).toEqual([
        { Ref: 'AirflowClusterVpcPrivateSubnet1SubnetAF3D7C4F' },
        { Ref: 'AirflowClusterVpcPrivateSubnet2SubnetAB67CCBC' },
      ]);
    },
  },
  {
    name: 'the database refuses connections without TLS, and ends those whose client is gone',
    check({ resources }) {
      const { Family, Parameters } = resources[PARAMETERS].Properties;
      expect(Family).toBe('aurora-postgresql17');
      expect(Parameters).toEqual({
        'rds.force_ssl': '1',
        // a client without network is gone after 60 + 3 * 10 seconds
        'tcp_keepalives_idle': '60',
        'tcp_keepalives_interval': '10',
        'tcp_keepalives_count': '3',
        // milliseconds
        'idle_in_transaction_session_timeout': '300000',
      });
    },
  },
  {
    name: 'the secret of the master user knows the database, which a rotation needs',
    check({ resources }) {
      expect(resources.AirflowDatabaseMasterSecretAttachmentB7DEA95D.Properties).toEqual({
        SecretId: { Ref: MASTER },
        TargetId: { Ref: CLUSTER },
        TargetType: 'AWS::RDS::DBCluster',
      });
    },
  },
];

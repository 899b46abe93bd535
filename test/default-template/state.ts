import { expect } from 'expect';
import { Check } from './check';
import { SynthesizedStack } from '../private/template';

/** What outlives the stack. A changed logical id would replace it. */
const KEPT = {
  AirflowClusterLogGroupF9E86CE7: 'Retain',
  AirflowFernetKeyFunctionLogGroup1BB83EDC: 'Retain',
  AirflowMigrationFunctionLogGroupD09E2B52: 'Retain',
  AirflowSecretsDatabase01DA7674: 'Retain',
  AirflowSecretsResultDatabase0DEF5253: 'Retain',
  AirflowSecretsBroker69D4D01F: 'Retain',
  AirflowSecretsAdminAACA2D94: 'Retain',
  AirflowSecretsFlower0583EF71: 'Retain',
  AirflowSecretsApiSecretKeyAC1F5C24: 'Retain',
  AirflowSecretsJwtSecret3AF0CFD5: 'Retain',
  AirflowFernetKeySecret45BDA978: 'Retain',
  AirflowTaskLogsBucket59D1D076: 'Retain',
  AirflowDagsBucket329EF2C9: 'Retain',
  AirflowDatabaseCluster390DDA42: 'Snapshot',
};

export const STATE: Check[] = [
  {
    name: 'exactly this is kept, also when it is replaced',
    check(synthesized) {
      expect(policies(synthesized, 'DeletionPolicy')).toEqual(KEPT);
      expect(policies(synthesized, 'UpdateReplacePolicy')).toEqual(KEPT);
    },
  },
  {
    name: 'the database is encrypted, protected, backed up, private and current',
    check({ template }) {
      template.hasResourceProperties('AWS::RDS::DBCluster', {
        Engine: 'aurora-postgresql',
        EngineVersion: '17.9',
        Port: 5432,
        StorageEncrypted: true,
        DeletionProtection: true,
        BackupRetentionPeriod: 7,
        MasterUserPassword: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'AirflowDatabaseMasterSecretE78BCA93' }, ':SecretString:password::}}']] },
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
        DBClusterParameterGroupName: { Ref: 'AirflowDatabaseParametersFD4262AD' },
      });
      template.allResourcesProperties('AWS::RDS::DBInstance', { DBInstanceClass: 'db.serverless', PubliclyAccessible: false });
      template.hasResourceProperties('AWS::RDS::DBSubnetGroup', {
        SubnetIds: [{ Ref: 'AirflowClusterVpcPrivateSubnet1SubnetAF3D7C4F' }, { Ref: 'AirflowClusterVpcPrivateSubnet2SubnetAB67CCBC' }],
      });
    },
  },
  {
    name: 'the database refuses connections without TLS',
    check: ({ template }) => template.hasResourceProperties('AWS::RDS::DBClusterParameterGroup', {
      Family: 'aurora-postgresql17',
      Parameters: { 'rds.force_ssl': '1' },
    }),
  },
  {
    name: 'generated credentials are letters and digits, which may stand in a URL',
    check(synthesized) {
      for (const [, { Properties }] of synthesized.ofType('AWS::SecretsManager::Secret').filter(([id]) => id !== 'AirflowFernetKeySecret45BDA978')) {
        expect(Properties.GenerateSecretString).toMatchObject({ ExcludePunctuation: true, IncludeSpace: false });
        expect(Properties.GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(32);
      }
    },
  },
  {
    name: 'DAG files are uploaded to where Airflow reads them',
    check({ containers, template }) {
      expect(JSON.parse(containers['dag-processor'].environment.AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST)).toEqual([{
        name: 'dags',
        classpath: 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle',
        kwargs: { bucket_name: '${AirflowDagsBucket329EF2C9}', prefix: 'dags/dags/', aws_conn_id: 'aws_default', refresh_interval: 30 },
      }]);
      template.hasResourceProperties('Custom::CDKBucketDeployment', {
        DestinationBucketName: { Ref: 'AirflowDagsBucket329EF2C9' },
        DestinationBucketKeyPrefix: 'dags/dags/',
        Prune: true,
      });
    },
  },
];

function policies({ resources }: SynthesizedStack, attribute: 'DeletionPolicy' | 'UpdateReplacePolicy'): Record<string, string> {
  return Object.fromEntries(Object.entries(resources)
    .filter(([, resource]) => ['Retain', 'Snapshot'].includes(resource[attribute]))
    .map(([id, resource]) => [id, resource[attribute]]));
}

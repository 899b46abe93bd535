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

/** What ends with the stack, and says so. */
const DELETED = {
  AirflowDagsLogGroupCF6A41C7: 'Delete',
  AirflowDagsdagsDeploymentCustomResource512MiB1F956B5B: 'Delete',
  AirflowDatabaseClusterWriterADA354BC: 'Delete',
  AirflowDatabaseMasterSecretE78BCA93: 'Delete',
  AirflowFernetKey9569A78C: 'Delete',
  AirflowMigration2CF89059: 'Delete',
};

export const STATE: Check[] = [
  {
    name: 'exactly this is kept, and exactly this is deleted, also when it is replaced',
    check(synthesized) {
      expect(policies(synthesized, 'DeletionPolicy')).toEqual({ ...KEPT, ...DELETED });
      expect(policies(synthesized, 'UpdateReplacePolicy')).toEqual({ ...KEPT, ...DELETED });
    },
  },
  {
    name: 'DAG files are uploaded to where Airflow reads them',
    check({ containers, resources }) {
      expect(JSON.parse(containers['dag-processor'].environment.AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST)).toEqual([{
        name: 'dags',
        classpath: 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle',
        kwargs: { bucket_name: '${AirflowDagsBucket329EF2C9}', prefix: 'dags/dags/', aws_conn_id: 'aws_default', refresh_interval: 30 },
      }]);
      expect(resources.AirflowDagsdagsDeploymentCustomResource512MiB1F956B5B.Properties).toMatchObject({
        DestinationBucketName: { Ref: 'AirflowDagsBucket329EF2C9' },
        DestinationBucketKeyPrefix: 'dags/dags/',
        // a deleted DAG is gone
        Prune: true,
      });
    },
  },
];

function policies({ resources }: SynthesizedStack, attribute: 'DeletionPolicy' | 'UpdateReplacePolicy'): Record<string, string> {
  return Object.fromEntries(Object.entries(resources)
    .filter(([, resource]) => attribute in resource)
    .map(([id, resource]) => [id, resource[attribute]]));
}

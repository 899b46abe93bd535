import { expect } from 'expect';
import { Check } from './check';
import { SynthesizedStack } from '../private/template';

/** What outlives the stack, but not a creation that fails. A changed logical id would replace it. */
export const KEPT = {
  AirflowClusterLogGroupF9E86CE7: 'RetainExceptOnCreate',
  AirflowFernetKeyFunctionLogGroup1BB83EDC: 'RetainExceptOnCreate',
  AirflowMigrationFunctionLogGroupD09E2B52: 'RetainExceptOnCreate',
  AirflowSecretsDatabase01DA7674: 'RetainExceptOnCreate',
  AirflowSecretsResultDatabase0DEF5253: 'RetainExceptOnCreate',
  AirflowSecretsBroker69D4D01F: 'RetainExceptOnCreate',
  AirflowSecretsAdminAACA2D94: 'RetainExceptOnCreate',
  AirflowSecretsFlower0583EF71: 'RetainExceptOnCreate',
  AirflowSecretsApiSecretKeyAC1F5C24: 'RetainExceptOnCreate',
  AirflowSecretsJwtSecret3AF0CFD5: 'RetainExceptOnCreate',
  AirflowFernetKeySecret45BDA978: 'RetainExceptOnCreate',
  AirflowTaskLogsBucket59D1D076: 'RetainExceptOnCreate',
  AirflowTaskLogsBucketPolicy51AC21FF: 'RetainExceptOnCreate',
  // CloudFormation could not delete it: it has files from the first upload on
  AirflowDagsBucket329EF2C9: 'Retain',
  AirflowDagsBucketPolicy9B6F7ECE: 'Retain',
  AirflowDatabaseCluster390DDA42: 'Snapshot',
};

/** What ends with the stack, and says so. */
const DELETED = {
  AirflowDagsLogGroupCF6A41C7: 'Delete',
  AirflowDagsDirectoriesdagsDeploymentCustomResource512MiB6A41ABF6: 'Delete',
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
      const kept = Object.entries(KEPT).map(([id, policy]) => [id, policy === 'RetainExceptOnCreate' ? 'Retain' : policy]);
      expect(policies(synthesized, 'UpdateReplacePolicy')).toEqual({ ...Object.fromEntries(kept), ...DELETED });
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
      expect(resources.AirflowDagsDirectoriesdagsDeploymentCustomResource512MiB6A41ABF6.Properties).toMatchObject({
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

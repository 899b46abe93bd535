import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { BoundDagSource } from './bound-dag-source';

/** Seconds after which Airflow looks for changed files; its default is 5 minutes. */
const REFRESH_INTERVAL = 30;

/**
 * DAG files in S3.
 *
 * @param folder what the keys begin with, without a slash at its end
 */
export function s3Folder(name: string, bucket: s3.IBucket, folder: string): Pick<BoundDagSource, 'bundle' | 'reader'> {
  const prefix = `${folder}/`; // without the slash `dags/sales` would read `dags/sales-eu`
  return {
    bundle: {
      name,
      classpath: 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle',
      kwargs: { bucket_name: bucket.bucketName, prefix, aws_conn_id: 'aws_default', refresh_interval: REFRESH_INTERVAL },
    },
    reader: {
      grant: grantee => {
        // without a prefix: Airflow first asks whether the bucket exists (HeadBucket)
        iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
        iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [bucket.arnForObjects(`${prefix}*`)] });
        bucket.encryptionKey?.grantDecrypt(grantee);
      },
    },
  };
}

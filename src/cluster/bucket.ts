import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AirflowCluster } from './airflow-cluster';

/** A private bucket, encrypted, with TLS only. It is kept or deleted as the cluster says. */
export function defineBucket(scope: Construct, cluster: AirflowCluster, versioned: boolean): s3.Bucket {
  // CloudFormation deletes empty buckets only, and what keeps versions has files from the first upload on: the roll-back of a creation would fail
  const kept = versioned && cluster._removalPolicy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  const removalPolicy = kept ? RemovalPolicy.RETAIN : cluster._removalPolicy;
  const bucket = new s3.Bucket(scope, 'Bucket', {
    versioned,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    encryption: cluster._encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    encryptionKey: cluster._encryptionKey,
    bucketKeyEnabled: cluster._encryptionKey ? true : undefined,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [{
      abortIncompleteMultipartUploadAfter: Duration.days(7),
      noncurrentVersionExpiration: versioned ? Duration.days(90) : undefined,
    }],
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  bucket.policy!.applyRemovalPolicy(removalPolicy); // a bucket that is kept goes on to refuse what is not TLS
  return bucket;
}

import { expect } from 'expect';
import { Check, forEach } from './check';
import { permission, statementsOf } from '../private/template';

/** Days after which what no one can see is deleted, whether old versions of files are kept, and the policy. */
const BUCKETS = {
  AirflowDagsBucket329EF2C9: {
    rule: { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, NoncurrentVersionExpiration: { NoncurrentDays: 90 } },
    versions: 'Enabled',
    policy: 'AirflowDagsBucketPolicy9B6F7ECE',
  },
  AirflowTaskLogsBucket59D1D076: {
    rule: { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    versions: undefined,
    policy: 'AirflowTaskLogsBucketPolicy51AC21FF',
  },
};

export const BUCKET: Check[] = [
  {
    name: 'there are no other buckets',
    check(synthesized) {
      expect(synthesized.ofType('AWS::S3::Bucket').map(([id]) => id).sort()).toEqual(Object.keys(BUCKETS).sort());
      expect(synthesized.ofType('AWS::S3::BucketPolicy').map(([id]) => id).sort()).toEqual(Object.values(BUCKETS).map(({ policy }) => policy).sort());
    },
  },
  ...forEach(BUCKETS, bucket => `how ${bucket} keeps its files`, ({ resources }, bucket, { rule, versions }) => {
    const { Properties } = resources[bucket];
    expect(Properties.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }]);
    // no log and no DAG expires by itself
    expect(Properties.LifecycleConfiguration.Rules).toEqual([{ ...rule, Status: 'Enabled' }]);
    expect(Properties.VersioningConfiguration?.Status).toBe(versions);
    // without access control lists a file cannot be given away
    expect(Properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    expect(Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  }),
  ...forEach(BUCKETS, bucket => `${bucket} refuses everyone without TLS, or with an old one`, ({ resources }, bucket, { policy }) => {
    const { Bucket, PolicyDocument } = resources[policy].Properties;
    const everything = `Deny s3:* to AWS * on \${${bucket}.Arn} \${${bucket}.Arn}/*`;

    expect(Bucket).toEqual({ Ref: bucket });
    expect(statementsOf(PolicyDocument).map(permission)).toEqual([
      `${everything} if {"Bool":{"aws:SecureTransport":"false"}}`,
      `${everything} if {"NumericLessThan":{"s3:TlsVersion":1.2}}`,
    ]);
  }),
];

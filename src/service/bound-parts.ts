import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct, IDependable } from 'constructs';
import type { SecretUrl } from '../secrets/secret-url';

/** A broker as services see it. */
export interface BoundBroker extends IConstruct, ec2.IConnectable {
  readonly url: SecretUrl;
}

/** A DAG bundle as services see it. */
export interface BoundDagSource {
  /** Entry of `[dag_processor] dag_bundle_config_list`. */
  readonly bundle: Record<string, unknown>;
  readonly bucket?: s3.IBucket;
  /** What has to be there before the bundle can be read. */
  readonly ready?: IDependable;
  grantRead(grantee: iam.IGrantable): void;
}

/** Task logs as services see them. */
export interface BoundTaskLogs {
  readonly environment: Record<string, string>;
  readonly bucket?: s3.IBucket;
  grantRead(grantee: iam.IGrantable): void;
  grantWrite(grantee: iam.IGrantable): void;
}

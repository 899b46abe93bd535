import { RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { defineBucket } from '../cluster/bucket';
import { defineOnce } from '../cluster/define-once';

/** The bucket that all DAG folders of a cluster are uploaded to. */
export class DagBucket extends Construct {
  public static of(scope: Construct, cluster: AirflowCluster): DagBucket {
    return defineOnce(DagBucket, cluster, () => new DagBucket(scope, 'Dags', cluster));
  }

  public readonly bucket: s3.Bucket;

  /** What holds the folders, whose names can be any. */
  public readonly directories: Construct;

  /** Log group of the function that uploads. */
  public readonly logGroup: logs.LogGroup;

  private constructor(scope: Construct, id: string, cluster: AirflowCluster) {
    super(scope, id);

    this.directories = new Construct(this, 'Directories');
    this.bucket = defineBucket(this, cluster, true);
    this.logGroup = new logs.LogGroup(this, 'LogGroup', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  }
}

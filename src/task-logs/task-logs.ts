import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { BoundTaskLogs } from './bound-task-logs';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { defineBucket } from '../cluster/bucket';
import { claim } from '../cluster/claim';
import { defineOnce } from '../cluster/define-once';
import { BUCKET } from '../properties/cdk-types';
import { STRING, validateTypes } from '../properties/property-types';

/** Options of task logs in S3. */
export interface TaskLogsS3Options {
  /**
   * The bucket.
   *
   * @default - a new private bucket, encrypted, with TLS only; it is retained
   */
  readonly bucket?: s3.IBucket;

  /**
   * What the keys of the log objects start with, without slashes at its ends.
   *
   * @default 'logs'
   */
  readonly prefix?: string;
}

/**
 * Where the logs of tasks are kept.
 *
 * @example
 * declare const bucket: s3.IBucket;
 *
 * new ServerlessAirflow(this, 'Airflow', {
 *   taskLogs: TaskLogs.s3({ bucket, prefix: 'airflow/logs' }),
 * });
 */
export abstract class TaskLogs {
  /**
   * One S3 object for each try of a task, written when the try ends. Until then the web server reads the log from the worker.
   *
   * @param options bucket and prefix
   */
  public static s3(options: TaskLogsS3Options = {}): TaskLogs {
    return new S3TaskLogs(options);
  }

  /**
   * Defines what is needed, once for each cluster.
   *
   * @internal
   */
  public abstract _bind(scope: Construct, cluster: AirflowCluster): BoundTaskLogs;
}

class S3TaskLogs extends TaskLogs {
  private readonly prefix: string;

  constructor(private readonly options: TaskLogsS3Options) {
    super();
    validateTypes(options, { bucket: BUCKET, prefix: STRING });
    this.prefix = options.prefix ?? 'logs';
    // Airflow expands variables in it, and policies asterisks
    if (!Token.isUnresolved(this.prefix) && !/^(?=.{1,256}$)[\w.-]+(\/[\w.-]+)*$/.test(this.prefix)) {
      throw new Error(`property prefix of task logs must be up to 256 letters, digits, "_", "-", "." and "/", without slashes at its ends, got ${JSON.stringify(this.prefix)}`);
    }
  }

  /** @internal */
  public _bind(scope: Construct, cluster: AirflowCluster): BoundTaskLogs {
    return defineOnce(this, cluster, () => this.define(scope, cluster));
  }

  private define(scope: Construct, cluster: AirflowCluster): BoundTaskLogs {
    const bucket = this.options.bucket ?? defineBucket(new Construct(scope, 'TaskLogs'), cluster, false);
    const other = claim(cluster, `objects of ${bucket.bucketName}`, this.prefix);
    if (other) {
      throw new Error(`property prefix of task logs must be a folder for this deployment alone, got ${JSON.stringify(this.prefix)}, which is, is in or has in it `
        + `a folder of ${other.node.path} in the same bucket: each would read and overwrite what the other has there`);
    }
    const grant = (grantee: iam.IGrantable, actions: string[], conditions?: Record<string, Record<string, unknown>>) => {
      iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn], conditions });
      iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [bucket.arnForObjects(`${this.prefix}/*`)] });
    };
    const environment = {
      AIRFLOW__LOGGING__REMOTE_LOGGING: 'True',
      AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER: `s3://${bucket.bucketName}/${this.prefix}`,
      AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: 'aws_default',
      AIRFLOW__LOGGING__DELETE_LOCAL_LOGS: 'True',
    };
    return {
      bucket,
      reader: {
        environment,
        grant: taskRole => {
          // a reader lists the tries of a task, then reads what it has found
          grant(taskRole, ['s3:GetObject'], { StringLike: { 's3:prefix': `${this.prefix}/*` } });
          bucket.encryptionKey?.grantDecrypt(taskRole);
        },
      },
      writer: {
        environment,
        grant: taskRole => {
          // A log that continues is read, extended and written. The first time it is not there, which S3 says only to who may list the bucket
          // without a prefix: without it the answer is 403, and Airflow does not write the log.
          grant(taskRole, ['s3:GetObject', 's3:PutObject']);
          bucket.encryptionKey?.grant(taskRole, 'kms:Decrypt', 'kms:GenerateDataKey');
        },
      },
    };
  }
}

import { basename } from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { BoundDagSource } from './bound-dag-source';
import { DagBucket } from './dag-bucket';
import { DagDirectory, validateDirectory } from './dag-directory';
import { s3Folder } from './s3-folder';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { defineOnce } from '../cluster/define-once';
import { BUCKET } from '../properties/cdk-types';
import { required, shown, STRING, STRINGS, validateType, validateTypes } from '../properties/property-types';

/** Options of DAGs in a local folder. */
export interface DagSourceDirectoryOptions {
  /**
   * Name of the DAG bundle, as Airflow shows it. Up to 98 letters, digits, `_`, `-` and `.`, no `-` or `.` at its ends.
   *
   * @default - the name of the folder
   */
  readonly name?: string;

  /**
   * Patterns of what is not uploaded, as in a `.gitignore` file, besides `.git`, `.venv`, `cdk.out`, `node_modules`, `__pycache__` and
   * `*.pyc`. Some `.py` or `.zip` file has to be left. What is uploaded but must not be read as DAGs belongs into an `.airflowignore` file in the folder.
   *
   * @default - nothing else
   */
  readonly exclude?: string[];
}

/** Options of DAGs in a bucket. */
export interface DagSourceBucketOptions {
  /**
   * Name of the DAG bundle, as Airflow shows it. Up to 98 letters, digits, `_`, `-` and `.`, no `-` or `.` at its ends.
   *
   * @default - the last part of the prefix
   */
  readonly name?: string;
}

/** Options of DAGs in the image. */
export interface DagSourceImageOptions {
  /**
   * Name of the DAG bundle, as Airflow shows it. Up to 98 letters, digits, `_`, `-` and `.`, no `-` or `.` at its ends.
   *
   * @default 'dags-folder'
   */
  readonly name?: string;

  /**
   * The folder in the image.
   *
   * @default '/opt/airflow/dags'
   */
  readonly path?: string;
}

/**
 * Where DAG files come from.
 *
 * @example
 * declare const bucket: s3.IBucket;
 *
 * new ServerlessAirflow(this, 'Airflow', {
 *   dags: [DagSource.directory('./dags'), DagSource.bucket(bucket, 'teams/finance'), DagSource.image()],
 * });
 */
export abstract class DagSource {
  /**
   * A local folder. It is uploaded to S3 at deployment; a changed file is seen by Airflow within a minute, without a restart. S3 has no versions of the
   * folder: tasks of a run that goes on meanwhile run the new code. Where that matters, take an image.
   *
   * Plugins (timetables, priority weights, listeners …) are not loaded from it: they belong into `/opt/airflow/plugins` of an image of yours.
   *
   * Classes of triggers and of deadline callbacks must not be in it: the triggerer has no DAG files, and a task that waits for one fails without a
   * reason in its log. They belong into a package of the image.
   *
   * @param path the folder, relative to the current directory of the CDK app
   * @param options name and exclusions
   */
  public static directory(path: string, options: DagSourceDirectoryOptions = {}): DagSource {
    return new DirectoryDagSource(path, options);
  }

  /**
   * A folder of a bucket that somebody else uploads to, for example a pipeline with `aws s3 sync --delete`: a changed file is seen by Airflow within a
   * minute, and nothing is deployed. What `directory` says of versions, plugins and triggers holds here, too.
   *
   * @param bucket the bucket, of the region of the deployment
   * @param prefix the folder, without slashes at its ends; it needs an object before Airflow reads it
   * @param options name
   */
  public static bucket(bucket: s3.IBucket, prefix: string, options: DagSourceBucketOptions = {}): DagSource {
    return new BucketDagSource(bucket, prefix, options);
  }

  /**
   * A folder of the image that Airflow runs from. A change of it is a deployment that replaces every component. A run that goes on meanwhile continues
   * with the new code.
   *
   * @param options name and path
   */
  public static image(options: DagSourceImageOptions = {}): DagSource {
    return new ImageDagSource(options);
  }

  /** Name of the DAG bundle, as Airflow shows it. */
  public readonly name: string;

  /** @internal */
  protected constructor(name: string) {
    // S3DagBundle does not find a folder whose name ends in anything else
    if (!/^\w([\w.-]{0,96}\w)?$/.test(name)) {
      throw new Error(`property name of a DAG source must be up to 98 letters, digits, "_", "-" and ".", with no "-" or "." at its ends, got ${shown(name)}`);
    }
    this.name = name;
  }

  /**
   * Defines what is needed, once for each cluster.
   *
   * @internal
   */
  public abstract _bind(scope: Construct, cluster: AirflowCluster): BoundDagSource;
}

class DirectoryDagSource extends DagSource {
  private readonly directory: string;

  constructor(path: string, private readonly options: DagSourceDirectoryOptions) {
    validateType('path', path, required(STRING));
    validateTypes(options, { name: STRING, exclude: STRINGS });
    if (Token.isUnresolved(options.exclude)) {
      throw new Error('property exclude must be known at synthesis, got a token: files are chosen by it');
    }
    const directory = validateDirectory(path, options.exclude ?? []);
    super(options.name ?? basename(directory));
    this.directory = directory;
  }

  /** @internal */
  public _bind(scope: Construct, cluster: AirflowCluster): BoundDagSource {
    return defineOnce(this, cluster, () => new DagDirectory(DagBucket.of(scope, cluster), this.name, {
      directory: this.directory,
      exclude: this.options.exclude ?? [],
    }));
  }
}

class BucketDagSource extends DagSource {
  constructor(private readonly bucket: s3.IBucket, private readonly prefix: string, options: DagSourceBucketOptions) {
    validateType('bucket', bucket, required(BUCKET));
    validateType('prefix', prefix, required(STRING));
    validateTypes(options, { name: STRING });
    if (Token.isUnresolved(prefix)) {
      throw new Error('property prefix of a DAG bucket must be known at synthesis, got a token: permissions end in it');
    }
    // policies take asterisks for others
    if (!/^(?=.{1,256}$)[\w.-]+(\/[\w.-]+)*$/.test(prefix)) {
      throw new Error(`property prefix of a DAG bucket must be up to 256 letters, digits, "_", "-", "." and "/", without slashes at its ends, got ${shown(prefix)}`);
    }
    super(options.name ?? basename(prefix));
  }

  /** @internal */
  public _bind(_scope: Construct, cluster: AirflowCluster): BoundDagSource {
    const { region } = Stack.of(cluster);
    const { region: ofBucket } = this.bucket.env;
    if (!Token.isUnresolved(region) && !Token.isUnresolved(ofBucket) && region !== ofBucket) {
      throw new Error(`property bucket of DAGs must be of the region of the deployment, ${region}, got one of ${ofBucket}: copy the files`);
    }
    return s3Folder(this.name, this.bucket, this.prefix);
  }
}

class ImageDagSource extends DagSource {
  private readonly path: string;

  constructor(options: DagSourceImageOptions) {
    validateTypes(options, { name: STRING, path: STRING });
    super(options.name ?? 'dags-folder');
    this.path = options.path ?? '/opt/airflow/dags';
    // Airflow expands variables in it
    if (!Token.isUnresolved(this.path) && !/^\/[^$]*$/.test(this.path)) {
      throw new Error(`property path of the DAGs in the image must be absolute and without "$", got ${JSON.stringify(this.path)}`);
    }
  }

  /** @internal */
  public _bind(): BoundDagSource {
    return {
      bundle: { name: this.name, classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: { path: this.path } },
      reader: {},
    };
  }
}

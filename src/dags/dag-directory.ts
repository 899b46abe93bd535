import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { CfnResource, IgnoreMode, IgnoreStrategy, Stack, Stage } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as s3deploy from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import type { BoundDagSource } from './bound-dag-source';
import type { DagBucket } from './dag-bucket';
import { s3Folder } from './s3-folder';
import type { Binding } from '../binding';
import { claim } from '../cluster/claim';
import { warnOfPlugin } from '../warnings';

/** Never uploaded; patterns as in `.gitignore`. The CDK app's own output would be copied into itself. */
const EXCLUDE = ['.git', '.venv', 'cdk.out', 'node_modules', '__pycache__', '*.pyc'];

export interface DagDirectoryProps {
  /** Absolute path. */
  readonly directory: string;
  readonly exclude: string[];
}

/** A local folder in the DAG bucket, under `dags/<id>/`. */
export class DagDirectory extends Construct implements BoundDagSource {
  public readonly bundle: Record<string, unknown>;
  public readonly bucket: s3.IBucket;
  public readonly reader: Binding;

  constructor(scope: DagBucket, id: string, props: DagDirectoryProps) {
    if (scope.directories.node.tryFindChild(id)) {
      throw new Error(`property dags must not have two folders with the name ${JSON.stringify(id)} in a cluster: give one of them another with its property name`);
    }
    super(scope.directories, id);

    this.bucket = scope.bucket;
    const folder = `dags/${id}`;
    claim(this, `objects of ${this.bucket.bucketName}`, folder); // what is not of the folder is deleted there
    const exclude = [...EXCLUDE, ...props.exclude];
    this.refuseOwnOutput(props.directory, exclude);
    const deployment = new s3deploy.BucketDeployment(this, 'Deployment', {
      sources: [s3deploy.Source.asset(props.directory, { exclude, ignoreMode: IgnoreMode.GIT })],
      destinationBucket: scope.bucket,
      destinationKeyPrefix: `${folder}/`,
      prune: true,
      memoryLimit: 512,
      logGroup: scope.logGroup,
      outputObjectKeys: false, // a response of CloudFormation has room for a few dozen
    });
    const { bundle, reader } = s3Folder(id, this.bucket, folder);
    this.bundle = bundle;
    this.reader = { ...reader, waitsFor: [deployment] };
    this.describe(deployment, props.directory, exclude);
    const plugin = filesOf(props.directory, IgnoreStrategy.git(props.directory, exclude)).find(isPlugin);
    if (plugin !== undefined) {
      warnOfPlugin(this, path.relative(props.directory, plugin));
    }
  }

  /** CDK copies the folder into the assembly: a folder that has it in it would grow with each copy, until its paths are too long. */
  private refuseOwnOutput(directory: string, exclude: string[]): void {
    const assembly = realpathSync(Stage.of(this)!.outdir);
    const root = realpathSync(directory);
    const inside = path.relative(root, assembly);
    if (!inside.startsWith('..') && !path.isAbsolute(inside) && (inside === '' || !IgnoreStrategy.git(root, exclude).ignores(assembly))) {
      throw new Error(`property path of a DAG directory must not have the output of the CDK app in it, got ${JSON.stringify(directory)} with `
        + `${JSON.stringify(inside)}: give a folder of its own, or add that to property exclude`);
    }
  }

  /** Tells whoever reads the cloud assembly where the files come from, so that a local run can follow their changes. */
  private describe(deployment: s3deploy.BucketDeployment, directory: string, exclude: string[]): void {
    const resource = deployment.node.findAll().find(child => CfnResource.isCfnResource(child) && child.cfnResourceType === 'Custom::CDKBucketDeployment');
    const assembly = realpathSync(Stage.of(this)!.outdir);
    this.node.addMetadata('serverless-airflow:dag-directory', {
      bucketDeployment: Stack.of(this).getLogicalId(resource as CfnResource),
      directory: path.relative(assembly, realpathSync(directory)).split(path.sep).join('/'),
      exclude,
    });
  }
}

/** Refuses a folder without DAG files. */
export function validateDirectory(directory: string, exclude: string[]): string {
  const absolute = path.resolve(directory);
  if (!existsSync(absolute)) {
    throw new Error(`property path of a DAG directory must be an existing folder, got ${JSON.stringify(directory)}: there is no ${absolute}`);
  }
  if (!statSync(absolute).isDirectory()) {
    throw new Error(`property path of a DAG directory must be a folder, got the file ${JSON.stringify(directory)}: give the folder that it is in`);
  }
  if (!hasDags(absolute, IgnoreStrategy.git(absolute, EXCLUDE))) {
    throw new Error(`property path of a DAG directory must be a folder with .py or .zip files, got ${JSON.stringify(directory)}, which has none`);
  }
  if (!hasDags(absolute, IgnoreStrategy.git(absolute, [...EXCLUDE, ...exclude]))) {
    throw new Error(`property exclude must leave .py or .zip files in ${JSON.stringify(directory)}, got ${JSON.stringify(exclude)}, which leaves none`);
  }
  return absolute;
}

function hasDags(folder: string, ignored: IgnoreStrategy): boolean {
  return filesOf(folder, ignored).some(file => /\.(py|zip)$/.test(file));
}

function filesOf(folder: string, ignored: IgnoreStrategy): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return ignored.completelyIgnores(file) ? [] : filesOf(file, ignored);
    }
    return ignored.ignores(file) ? [] : [file];
  });
}

/** `class … (AirflowPlugin)` */
function isPlugin(file: string): boolean {
  return file.endsWith('.py') && /^class\s.*\bAirflowPlugin\s*[,)]/m.test(readFileSync(file, 'utf-8'));
}

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../errors';
import { templateProblems, type Template } from './template';

/** One stack of a cloud assembly (a `cdk.out` folder). */
export interface Stack {
  readonly name: string;
  /** What the CDK command calls it; differs from the name in stages. */
  readonly displayName: string;
  readonly template: Template;
  readonly assets: Assets;
  /** Construct paths by logical id. */
  readonly paths: ReadonlyMap<string, string>;
  readonly dagDirectories: readonly DagDirectoryMetadata[];
  /** Why it cannot be run; of no importance for a stack that is not chosen. */
  readonly problems: readonly string[];
  /** Account and region that the app names for it; absent where it leaves them open. */
  readonly account?: string;
  readonly region?: string;
}

/** Files by the S3 object that a template refers to. */
export interface Assets {
  get(key: string, bucket: string): FileAsset | undefined;
}

export interface FileAsset {
  /** Absolute. */
  readonly path: string;
  /** `zip`: a folder that CDK would zip when it publishes; `file`: taken as it is. */
  readonly packaging: 'zip' | 'file';
}

/** Where the files of a bucket deployment come from, written by `DagSource.directory`. */
export interface DagDirectoryMetadata {
  /** Logical id of the bucket deployment's custom resource. */
  readonly bucketDeployment: string;
  /** Absolute. */
  readonly directory: string;
  /** Glob patterns of CDK's asset staging. */
  readonly exclude: readonly string[];
}

interface Artifact {
  readonly type: string;
  readonly displayName?: string;
  readonly dependencies?: string[];
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  /** `aws://123456789012/eu-central-1`, with `unknown-account` and `unknown-region` */
  readonly environment?: string;
  readonly properties?: { file?: string; templateFile?: string; stackName?: string; directoryName?: string };
}

type Metadata = Record<string, { type: string; data?: unknown }[]>;

interface AssetManifest {
  readonly files?: Record<string, {
    displayName?: string;
    source: { path?: string; packaging?: 'zip' | 'file'; executable?: string[] };
    destinations: Record<string, { objectKey: string }>;
  }>;
}

const AGAIN = 'synthesize the app again (npx cdk synth)';

/** Every stack of a cloud assembly, those of nested assemblies (stages) included. */
export function readAssembly(folder: string): Stack[] {
  if (!existsSync(join(folder, 'manifest.json'))) {
    throw new UserError(`no cloud assembly in ${resolve(folder)} (there is no manifest.json): run "npx cdk synth" first, or give its folder with --app`);
  }
  const { artifacts = {} } = readJson<{ artifacts?: Record<string, Artifact> }>(folder, 'manifest.json');
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    switch (artifact.type) {
      case 'aws:cloudformation:stack':
        return [readStack(folder, id, artifact, artifacts)];
      case 'cdk:cloud-assembly':
        return readAssembly(join(folder, artifact.properties?.directoryName ?? ''));
      default:
        return [];
    }
  });
}

/** The stack to run: the named one, else the only one that has ECS services. */
export function selectStack(stacks: readonly Stack[], name?: string): Stack {
  const stack = findStack(stacks, name);
  if (stack.problems.length > 0) {
    throw new UserError(stack.problems[0]);
  }
  return stack;
}

function findStack(stacks: readonly Stack[], name?: string): Stack {
  const names = stacks.map(stack => stack.displayName).join(', ') || 'none';
  if (name !== undefined) {
    const stack = stacks.find(candidate => candidate.displayName === name || candidate.name === name);
    if (!stack) {
      throw new UserError(`no stack "${name}" in the cloud assembly; it has: ${names}`);
    }
    return stack;
  }
  const candidates = stacks.filter(stack => Object.values(stack.template.Resources).some(resource => resource.Type === 'AWS::ECS::Service'));
  if (candidates.length === 0) {
    throw new UserError(`no stack of the cloud assembly has an ECS service; it has these stacks: ${names}`);
  }
  if (candidates.length > 1) {
    throw new UserError(`several stacks have ECS services: choose one with --stack (${candidates.map(stack => stack.displayName).join(', ')})`);
  }
  return candidates[0];
}

function readStack(folder: string, id: string, artifact: Artifact, artifacts: Record<string, Artifact>): Stack {
  const file = artifact.properties?.templateFile;
  if (file === undefined || !existsSync(join(folder, file))) {
    throw new UserError(`the template ${file ?? `of stack "${id}"`} is missing in ${resolve(folder)}: ${AGAIN}`);
  }
  const template = { Resources: {}, ...readJson<Partial<Template>>(folder, file) };
  const metadata: Metadata = {
    ...artifact.metadata,
    ...(artifact.additionalMetadataFile === undefined ? {} : readJson<Metadata>(folder, artifact.additionalMetadataFile)),
  };
  const paths = constructPaths(metadata);
  const { assets, problems } = readAssets(folder, file, artifact, artifacts);
  return {
    name: artifact.properties?.stackName ?? id,
    displayName: artifact.displayName ?? id,
    template,
    assets,
    paths,
    dagDirectories: dagDirectories(folder, metadata, paths),
    ...environmentOf(artifact),
    problems: [...templateProblems(template, file), ...problems],
  };
}

function environmentOf({ environment = '' }: Artifact): Pick<Stack, 'account' | 'region'> {
  const [account, region] = environment.replace('aws://', '').split('/');
  return {
    ...account && account !== 'unknown-account' && { account },
    ...region && region !== 'unknown-region' && { region },
  };
}

function readAssets(folder: string, templateFile: string, stack: Artifact, artifacts: Record<string, Artifact>) {
  const assets = new Map<string, FileAsset>();
  const problems: string[] = [];
  const manifests = (stack.dependencies ?? []).map(dependency => artifacts[dependency]).filter(artifact => artifact?.type === 'cdk:asset-manifest');
  const files = manifests.flatMap(({ properties }) => Object.entries(readJson<AssetManifest>(folder, properties!.file!).files ?? {}));
  for (const [id, { source, destinations, displayName }] of files.filter(([, file]) => file.source.path !== templateFile)) {
    const name = `asset "${displayName ?? id}"`;
    if (source.path === undefined) {
      problems.push(`${name} is made by a command (${source.executable?.join(' ')}) when it is published; the local runner cannot use it`);
      continue;
    }
    const path = resolve(folder, source.path);
    if (!existsSync(path)) {
      problems.push(`${name} (${source.path}) is missing in ${resolve(folder)}: ${AGAIN}`);
    }
    for (const { objectKey } of Object.values(destinations)) {
      assets.set(objectKey, { path, packaging: source.packaging ?? 'file' });
    }
  }
  return { assets, problems };
}

function constructPaths(metadata: Metadata): Map<string, string> {
  const paths = new Map<string, string>();
  for (const [path, entries] of Object.entries(metadata)) {
    for (const { type, data } of entries) {
      if (type === 'aws:cdk:logicalId' && typeof data === 'string') {
        paths.set(data, path.replace(/^\//, ''));
      }
    }
  }
  return paths;
}

function dagDirectories(folder: string, metadata: Metadata, paths: ReadonlyMap<string, string>): DagDirectoryMetadata[] {
  return Object.values(metadata).flat().filter(({ type }) => type === 'serverless-airflow:dag-directory').map(({ data }) => {
    const { bucketDeployment, directory, exclude = [] } = data as { bucketDeployment: string; directory: string; exclude?: string[] };
    const logicalId = [...paths].find(([, path]) => path === bucketDeployment.replace(/^\//, ''))?.[0];
    return { bucketDeployment: logicalId ?? bucketDeployment, directory: resolve(folder, directory), exclude };
  });
}

function readJson<T>(folder: string, file: string): T {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf-8')) as T;
  } catch (error) {
    throw new UserError(`cannot read ${join(resolve(folder), file)} (${(error as Error).message}): ${AGAIN}`);
  }
}

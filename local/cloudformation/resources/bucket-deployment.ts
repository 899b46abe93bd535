import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import AdmZip from 'adm-zip';
import { filesOf, syncFiles, type Destination } from '../../dags/bucket-sync';
import { UserError } from '../../errors';
import type { FileAsset } from '../assembly';
import type { Context, Created, Resource, ResourceType, StackResource } from '../resource';
import type { Properties } from '../template';
import { checkProperties, type PropertyTable } from './property-table';

const NO_DISTRIBUTION = { harmless: 'there is no CloudFront distribution' };

export const BUCKET_DEPLOYMENT_PROPERTIES = {
  DestinationBucketArn: 'supported',
  DestinationBucketKeyPrefix: 'supported',
  DestinationBucketName: 'supported',
  DistributionId: 'unsupported',
  DistributionPaths: NO_DISTRIBUTION,
  Exclude: 'unsupported',
  Extract: 'supported',
  Include: 'unsupported',
  OutputObjectKeys: 'supported',
  Prune: 'supported',
  RetainOnDelete: 'supported',
  ServiceTimeout: { harmless: 'no function runs' },
  ServiceToken: { harmless: 'no function runs' },
  SignContent: { harmless: 'no connection is open to others' },
  SourceBucketNames: { harmless: 'assets are read from the cloud assembly' },
  SourceMarkers: 'unsupported',
  SourceMarkersConfig: 'unsupported',
  SourceObjectKeys: 'supported',
  SystemMetadata: 'unsupported',
  UserMetadata: 'unsupported',
  WaitForDistributionInvalidation: NO_DISTRIBUTION,
} satisfies PropertyTable;

/** CDK's `BucketDeployment`, without its function: that needs Python, the AWS command line and published assets. */
export const BUCKET_DEPLOYMENT: ResourceType = {
  create: createBucketDeployment,
  async update(resource, context, before) {
    const created = await createBucketDeployment(resource, context);
    if (!isDeepStrictEqual(destinationOf(before.properties), destinationOf(resource.properties))) await deleteBucketDeployment(before, context);
    return { ...created, ref: before.physicalId };
  },
  updates: BUCKET_DEPLOYMENT_PROPERTIES,
  delete: deleteBucketDeployment,
  persistent: true,
};

async function deleteBucketDeployment({ properties }: StackResource, { s3 }: Context): Promise<void> {
  if (!isTrue(properties.RetainOnDelete ?? true)) {
    await syncFiles(new Map(), destinationOf(properties), s3, { prune: true });
  }
}

async function createBucketDeployment({ logicalId, properties }: Resource, context: Context): Promise<Created> {
  checkProperties(properties, BUCKET_DEPLOYMENT_PROPERTIES, `bucket deployment "${logicalId}"`);
  const keys = (properties.SourceObjectKeys as unknown[]).map(String);
  const buckets = (properties.SourceBucketNames ?? []) as unknown[];
  const temporary = await mkdtemp(join(tmpdir(), 'bucket-deployment-'));
  try {
    const files = new Map<string, string>();
    for (const [index, key] of keys.entries()) {
      const asset = context.stack.assets.get(key, String(buckets[index]));
      if (!asset) {
        throw new UserError(`its source ${JSON.stringify(key)} is not an asset of this cloud assembly; synthesize the app again`);
      }
      const isExtracted = isTrue(properties.Extract ?? true);
      for (const [path, file] of isExtracted ? await extracted(asset, join(temporary, key)) : [[basename(key), asset.path]]) {
        files.set(path, file); // a later source wins
      }
    }
    await syncFiles(files, destinationOf(properties), context.s3, { prune: isTrue(properties.Prune ?? true) });
  } finally {
    await rm(temporary, { recursive: true });
  }
  return {
    ref: `aws.cdk.s3deployment.${context.names.hash(logicalId, 'deployment', 32)}`,
    attributes: {
      ...(properties.DestinationBucketArn !== undefined && { DestinationBucketArn: properties.DestinationBucketArn }),
      SourceObjectKeys: isTrue(properties.OutputObjectKeys ?? true) ? keys : [],
    },
  };
}

export function destinationOf(properties: Properties): Destination {
  const prefix = String(properties.DestinationBucketKeyPrefix ?? '');
  return { bucket: String(properties.DestinationBucketName), prefix: prefix.replace(/\/$/, '') };
}

async function extracted(asset: FileAsset, folder: string): Promise<Map<string, string>> {
  if (asset.packaging === 'zip') {
    return filesOf(asset.path);
  }
  new AdmZip(asset.path).extractAllTo(folder);
  return filesOf(folder);
}

function isTrue(value: unknown): boolean {
  return String(value).toLowerCase() === 'true';
}

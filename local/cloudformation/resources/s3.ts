import {
  CreateBucketCommand, DeleteBucketCommand, HeadBucketCommand, ListObjectsV2Command, NotFound, type BucketLocationConstraint,
} from '@aws-sdk/client-s3';
import { UserError } from '../../errors';
import type { Context, Created, Resource, ResourceType } from '../resource';
import type { Properties } from '../template';
import { keyArn } from './kms';

/** Objects of an earlier run are still in it. */
async function createBucket({ logicalId, properties }: Resource, context: Context): Promise<Created> {
  const { partition, region } = context.names.awsEnvironment;
  const name = String(properties.BucketName ?? context.names.physicalName(logicalId, 63).toLowerCase());
  if (!await exists(name, context)) {
    await context.s3.send(new CreateBucketCommand({
      Bucket: name,
      // us-east-1 is the one region that must not be named
      ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
    }));
  }
  const arn = `arn:${partition}:s3:::${name}`;
  context.cloud.iam.encrypt(arn, keyArn(defaultEncryption(properties)?.KMSMasterKeyID, context));
  return {
    ref: name,
    attributes: {
      Arn: arn,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

const NOT_MOVED = { harmless: 'objects stay until somebody deletes them' };
const NOT_WATCHED = { harmless: 'nobody watches the bucket' };

export const BUCKET: ResourceType = {
  create: createBucket,
  update: createBucket,
  updates: {
    BucketEncryption: 'supported',
    IntelligentTieringConfigurations: NOT_MOVED,
    InventoryConfigurations: NOT_WATCHED,
    LifecycleConfiguration: NOT_MOVED,
    LoggingConfiguration: NOT_WATCHED,
    MetricsConfigurations: NOT_WATCHED,
    OwnershipControls: { harmless: 'there is one account' },
    PublicAccessBlockConfiguration: { harmless: 'nothing is open to others' },
    Tags: NOT_WATCHED,
    VersioningConfiguration: { harmless: 'objects have one version here, before the change as well' },
  },
  async delete({ physicalId: Bucket }, { s3 }) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
    if (Contents.length > 0) {
      throw new UserError('The bucket you tried to delete is not empty');
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  },
  persistent: true,
  nameProperty: 'BucketName',
};

function defaultEncryption({ BucketEncryption }: Properties): Properties | undefined {
  const rules = (BucketEncryption as { ServerSideEncryptionConfiguration?: Properties[] } | undefined)?.ServerSideEncryptionConfiguration ?? [];
  return rules[0]?.ServerSideEncryptionByDefault as Properties | undefined;
}

async function exists(name: string, context: Context): Promise<boolean> {
  try {
    await context.s3.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) {
      return false;
    }
    throw error;
  }
}

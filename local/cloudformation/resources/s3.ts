import { CreateBucketCommand, HeadBucketCommand, NotFound, type BucketLocationConstraint } from '@aws-sdk/client-s3';
import type { Context, Created, Resource } from '../resource';

/** Objects of an earlier run are still in it. */
export async function createBucket({ logicalId, properties }: Resource, context: Context): Promise<Created> {
  const { partition, region } = context.names.environment;
  const name = String(properties.BucketName ?? context.names.physicalName(logicalId, 63).toLowerCase());
  if (!await exists(name, context)) {
    await context.s3.send(new CreateBucketCommand({
      Bucket: name,
      // us-east-1 is the one region that must not be named
      ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
    }));
  }
  return {
    ref: name,
    attributes: {
      Arn: `arn:${partition}:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
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

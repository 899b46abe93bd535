import { CreateBucketCommand, HeadBucketCommand, NotFound, type BucketLocationConstraint } from '@aws-sdk/client-s3';
import type { Context, Created, Resource } from '../resource';
import type { Properties } from '../template';
import { keyArn } from './kms';

/** Objects of an earlier run are still in it. */
export async function createBucket({ logicalId, properties }: Resource, context: Context): Promise<Created> {
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
  const key = keyArn(defaultEncryption(properties)?.KMSMasterKeyID, context);
  if (key !== undefined) {
    context.cloud.iam.encrypt(arn, key);
  }
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

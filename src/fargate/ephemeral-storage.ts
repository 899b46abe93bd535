import { Size, SizeRoundingBehavior } from 'aws-cdk-lib';

/** GiB that a task on Fargate can have; 20 it has without asking. */
const LEAST = 21;
const MOST = 200;

/** The GiB of the disk of a task; refuses what Fargate would only refuse at deployment. */
export function ephemeralStorageGiB(size: Size): number {
  if (size.isUnresolved()) {
    return unconverted(size);
  }
  const gibibytes = size.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isInteger(gibibytes) || gibibytes < LEAST || gibibytes > MOST) {
    throw new Error(`property ephemeralStorage must be ${LEAST} to ${MOST} whole GiB on Fargate, got ${gibibytes} GiB`);
  }
  return gibibytes;
}

/** Nothing converts a token at deployment. */
function unconverted(size: Size): number {
  try {
    return size.toGibibytes();
  } catch {
    throw new Error('property ephemeralStorage must be Size.gibibytes(…) when it is a token, got one in another unit');
  }
}

import { Token } from 'aws-cdk-lib';

interface Sizes {
  readonly values: number[];
  readonly description: string;
}

/** Memory in MiB that Fargate offers, by CPU units. */
const MEMORY: Record<number, Sizes> = {
  256: { values: [512, 1024, 2048], description: '512, 1024 or 2048' },
  512: range(1024, 4096, 1024),
  1024: range(2048, 8192, 1024),
  2048: range(4096, 16384, 1024),
  4096: range(8192, 30720, 1024),
  8192: range(16384, 61440, 4096),
  16384: range(32768, 122880, 8192),
};

/** Refuses a pair that Fargate would only refuse at deployment. */
export function validateFargateSize(cpu: number, memoryLimitMiB: number): void {
  if (Token.isUnresolved(memoryLimitMiB)) {
    throw new Error('property memoryLimitMiB must be known at synthesis, got a token: limits of files and messages are shares of it');
  }
  if (Token.isUnresolved(cpu)) {
    return;
  }
  const memory = MEMORY[cpu];
  if (!memory) {
    throw new Error(`property cpu must be one of ${Object.keys(MEMORY).join(', ')} CPU units, got ${cpu}`);
  }
  if (!memory.values.includes(memoryLimitMiB)) {
    throw new Error(`property memoryLimitMiB must be ${memory.description} MiB with cpu ${cpu}, got ${memoryLimitMiB}`);
  }
}

function range(least: number, most: number, step: number): Sizes {
  const values = Array.from({ length: (most - least) / step + 1 }, (_, index) => least + index * step);
  return { values, description: `${least} to ${most} in steps of ${step}` };
}

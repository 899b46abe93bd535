import { Lazy } from 'aws-cdk-lib';
import { validateFargateSize } from '../../src/fargate/fargate-size';

test.each([
  [256, 512], [256, 2048], [512, 1024], [512, 4096], [1024, 2048], [1024, 8192], [2048, 4096], [2048, 16384],
  [4096, 8192], [4096, 30720], [8192, 16384], [8192, 61440], [16384, 32768], [16384, 122880],
])('Fargate has %d CPU units with %d MiB', (cpu, memory) => {
  expect(() => validateFargateSize(cpu, memory)).not.toThrow();
});

test.each([
  [256, 3072, '512, 1024 or 2048'],
  [512, 512, '1024 to 4096 in steps of 1024'],
  [512, 5120, '1024 to 4096 in steps of 1024'],
  [1024, 2560, '2048 to 8192 in steps of 1024'],
  [8192, 17408, '16384 to 61440 in steps of 4096'],
  [16384, 32769, '32768 to 122880 in steps of 8192'],
])('fails for %d CPU units with %d MiB', (cpu, memory, allowed) => {
  expect(() => validateFargateSize(cpu, memory)).toThrow(`property memoryLimitMiB must be ${allowed} MiB with cpu ${cpu}, got ${memory}`);
});

test.each([0, 128, 300, 1025, 32768])('fails for %d CPU units', cpu => {
  expect(() => validateFargateSize(cpu, 1024)).toThrow(`property cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got ${cpu}`);
});

test('a token passes as cpu, and not as the memory that other sizes are shares of', () => {
  const token = Lazy.number({ produce: () => 1 });

  expect(() => validateFargateSize(token, 1)).not.toThrow();
  expect(() => validateFargateSize(256, token)).toThrow('property memoryLimitMiB must be known at synthesis, got a token');
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AirflowBroker, AirflowBrokerRedisOnFargateOptions, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

function synthesize(options?: AirflowBrokerRedisOnFargateOptions): SynthesizedStack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { broker: options && AirflowBroker.redisOnFargate(options) });
  return new SynthesizedStack(stack);
}

describe('Redis on Fargate', () => {
  const synthesized = synthesize();
  const { definition } = synthesized.containers.redis;

  test('runs the official image, as its own user', () => {
    expect(definition).toMatchObject({ Image: 'public.ecr.aws/docker/library/redis:8.2-alpine', User: '999:1000', StopTimeout: 30 });
    expect(definition.EntryPoint).toBeUndefined();
    expect(definition.PortMappings).toEqual([{ ContainerPort: 6379, Protocol: 'tcp' }]);
  });

  test('keeps nothing on disk, refuses messages when its memory is full, and has no password in its arguments', () => {
    expect(configuration(definition.Command, 'secret')).toEqual({
      args: ['-'],
      lines: ['port 6379', 'requirepass "\\x73\\x65\\x63\\x72\\x65\\x74"', 'maxmemory 384mb', 'maxmemory-policy noeviction', 'save ""', 'appendonly no'],
    });
  });

  test('does not start without a password', () => {
    const { status, stdout } = spawnSync(definition.Command[0], definition.Command.slice(1), { encoding: 'utf-8', env: { PATH: process.env.PATH, REDIS_PASSWORD: '' } });

    expect({ status, stdout }).toEqual({ status: 1, stdout: 'the password of the broker is empty: give its secret a value\n' });
  });

  test('has a health check that sees a wrong answer', () => {
    expect(synthesized.containers.redis.healthCheck).toBe('REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -q PONG');
  });
});

test('size, image and architecture as told; messages fill three quarters of the memory', () => {
  const synthesized = synthesize({
    cpu: 512, memoryLimitMiB: 2048, image: ecs.ContainerImage.fromRegistry('valkey/valkey:8.1-alpine'), cpuArchitecture: ecs.CpuArchitecture.X86_64,
  });
  const { definition, taskDefinition } = synthesized.containers.redis;

  expect(definition.Image).toBe('valkey/valkey:8.1-alpine');
  expect(definition.Command[2]).toContain('\nmaxmemory 1536mb\n');
  expect(synthesized.resources[taskDefinition].Properties).toMatchObject({ Cpu: '512', Memory: '2048', RuntimePlatform: { CpuArchitecture: 'X86_64' } });
});

test('fails for a size that Fargate does not have', () => {
  expect(() => synthesize({ memoryLimitMiB: 600 })).toThrow('property memoryLimitMiB must be 512, 1024 or 2048 MiB with cpu 256, got 600');
});

test('fails for a memory that is not known', () => {
  expect(() => synthesize({ memoryLimitMiB: Lazy.number({ produce: () => 512 }) }))
    .toThrow('property memoryLimitMiB must be known at synthesis, got a token');
});

/** What the command gives to `redis-server`, from a stand-in that prints it. */
function configuration(command: string[], password: string): { args: string[]; lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  try {
    writeFileSync(join(folder, 'redis-server'), '#!/bin/sh\necho "$@"\ncat\n', { mode: 0o755 });
    const { stdout } = spawnSync(command[0], command.slice(1), {
      encoding: 'utf-8',
      env: { PATH: `${folder}:${process.env.PATH}`, REDIS_PASSWORD: password },
    });
    const [args, ...lines] = stdout.trimEnd().split('\n');
    return { args: args.split(' '), lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

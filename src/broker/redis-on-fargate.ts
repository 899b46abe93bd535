import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, Dependable } from 'constructs';
import { REDIS_PORT as PORT, RedisClients } from './redis-clients';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { containerSecurity } from '../fargate/container-security';
import { defineFargateService } from '../fargate/fargate-service';
import { validateFargateSize } from '../fargate/fargate-size';
import { healthCheck } from '../fargate/health-check';
import { defineSecurityGroup } from '../fargate/security-group';
import { defineTaskDefinition } from '../fargate/task-definition';
import type { AirflowSecret } from '../secrets/airflow-secret';

/** Share of the task's memory that messages may fill; beyond it Redis refuses them instead of being killed. */
const MAXMEMORY_SHARE = 0.75;

/** Options of a Redis server on Fargate. */
export interface AirflowBrokerRedisOnFargateOptions {
  /**
   * Image with `redis-server` and `redis-cli` and the user 999:1000.
   *
   * @default - the official image of Redis 8.2 from the Amazon ECR Public Gallery
   */
  readonly image?: ecs.ContainerImage;

  /**
   * CPU units.
   *
   * @default 256
   */
  readonly cpu?: number;

  /**
   * Memory in MiB. Redis uses three quarters of it for messages.
   *
   * @default 512
   */
  readonly memoryLimitMiB?: number;

  /**
   * CPU architecture.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
}

export interface RedisOnFargateProps extends AirflowBrokerRedisOnFargateOptions {
  readonly cluster: AirflowCluster;
  readonly password: AirflowSecret;
}

/** One Redis server under the private name `redis`, without persistence. */
export class RedisOnFargate extends Construct implements ec2.IConnectable {
  public readonly connections: ec2.Connections;
  public readonly clients: RedisClients;

  constructor(scope: Construct, id: string, props: RedisOnFargateProps) {
    super(scope, id);

    const { cluster } = props;
    const cpu = props.cpu ?? 256;
    const memoryLimitMiB = props.memoryLimitMiB ?? 512;
    validateFargateSize(cpu, memoryLimitMiB);

    const taskDefinition = defineTaskDefinition(this, { cpu, memoryLimitMiB, cpuArchitecture: props.cpuArchitecture });
    taskDefinition.addContainer('redis', {
      containerName: 'redis',
      image: props.image ?? ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/redis:8.2-alpine'),
      user: '999:1000',
      command: ['sh', '-c', startCommand(memoryLimitMiB)],
      secrets: { REDIS_PASSWORD: props.password._toEcsSecret() },
      portMappings: [{ containerPort: PORT }],
      logging: cluster._logDriver('redis'),
      // redis-cli ends with 0 whatever the server answers
      healthCheck: healthCheck('REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -q PONG', { interval: 10, timeout: 5, retries: 5, startPeriod: 30 }),
      ...containerSecurity(this, 'LinuxParameters', { tmpfs: [] }), // it keeps everything in memory
      stopTimeout: Duration.seconds(30),
    });
    const securityGroup = defineSecurityGroup(this, cluster.vpc, 'Redis');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });
    const service = defineFargateService(this, { cluster, taskDefinition, securityGroups: [securityGroup], privateName: 'redis', single: true, rebalanced: false, scaled: false });

    this.clients = new RedisClients({ host: cluster._privateName('redis'), port: PORT, tls: false, password: props.password, peer: this, waitsFor: [this] });
    // not the rules of the security group: every client would wait for those of all others
    Dependable.implement(this, { dependencyRoots: [service] });
  }
}

/**
 * The configuration comes from standard input, so that no argument list shows the password. It stands there byte by byte, because an existing password
 * can have whatever ends or escapes a quoted string, line breaks included. An empty one would be none.
 */
function startCommand(memoryLimitMiB: number): string {
  return [
    '[ "$REDIS_PASSWORD" ] || { echo "the password of the broker is empty: give its secret a value"; exit 1; }',
    'exec redis-server - <<EOF',
    `port ${PORT}`,
    String.raw`requirepass "$(printf %s "$REDIS_PASSWORD" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\x/g')"`,
    `maxmemory ${Math.floor(memoryLimitMiB * MAXMEMORY_SHARE)}mb`,
    'maxmemory-policy noeviction', // Celery breaks when any of its keys disappears
    'save ""',
    'appendonly no',
    'EOF',
  ].join('\n');
}

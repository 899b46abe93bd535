import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, Dependable } from 'constructs';
import type { RedisOnFargateOptions } from './airflow-broker';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { containerSecurity } from '../fargate/container-security';
import { defineFargateService } from '../fargate/fargate-service';
import { validateFargateSize } from '../fargate/fargate-size';
import { healthCheck } from '../fargate/health-check';
import { defineSecurityGroup } from '../fargate/security-group';
import { defineTaskDefinition } from '../fargate/task-definition';
import type { AirflowSecret } from '../secrets/airflow-secret';
import type { SecretUrl } from '../secrets/secret-url';
import type { BoundBroker } from '../service/bound-parts';

const PORT = 6379;

/** Share of the task's memory that messages may fill; beyond it Redis refuses them instead of being killed. */
const MAXMEMORY_SHARE = 0.75;

export interface RedisOnFargateProps extends RedisOnFargateOptions {
  readonly cluster: AirflowCluster;
  readonly password: AirflowSecret;
}

/** One Redis server under the private name `redis`, without persistence. */
export class RedisOnFargate extends Construct implements BoundBroker {
  public readonly connections: ec2.Connections;
  public readonly url: SecretUrl;

  constructor(scope: Construct, id: string, props: RedisOnFargateProps) {
    super(scope, id);

    const { cluster } = props;
    const cpu = props.cpu ?? 256;
    const memoryLimitMiB = props.memoryLimitMiB ?? 512;
    validateFargateSize(cpu, memoryLimitMiB);
    if (Token.isUnresolved(memoryLimitMiB)) {
      throw new Error('property memoryLimitMiB of Redis must be known at synthesis, got a token: how much of it messages may fill is derived from it');
    }

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
    const service = defineFargateService(this, { cluster, taskDefinition, securityGroup, privateName: 'redis', single: true, rebalanced: false });

    this.url = { prefix: 'redis://:', passwordVariable: 'AIRFLOW_REDIS_PASSWORD', suffix: `@${cluster._privateName('redis')}:${PORT}/0` };
    // not the rules of the security group: every client would wait for those of all others
    Dependable.implement(this, { dependencyRoots: [service] });
  }
}

/**
 * The configuration comes from standard input, so that no argument list shows the password. A brought password can have the
 * characters that end or escape a quoted string there.
 */
function startCommand(memoryLimitMiB: number): string {
  return [
    'exec redis-server - <<EOF',
    `port ${PORT}`,
    String.raw`requirepass "$(printf %s "$REDIS_PASSWORD" | sed 's/[\\"]/\\&/g')"`,
    `maxmemory ${Math.floor(memoryLimitMiB * MAXMEMORY_SHARE)}mb`,
    'maxmemory-policy noeviction', // Celery breaks when any of its keys disappears
    'save ""',
    'appendonly no',
    'EOF',
  ].join('\n');
}

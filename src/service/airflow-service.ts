import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AirflowComponent } from './airflow-component';
import { AirflowServiceProps } from './airflow-service-props';
import { Binding, bindBricks } from './bindings';
import { Bricks } from './given-parts';
import { sharedEnvironment } from './shared-environment';
import { knownNumber, validateServiceProps } from './validate-service';
import { containerSecurity, tmp } from '../fargate/container-security';
import { defineFargateService } from '../fargate/fargate-service';
import { validateFargateSize } from '../fargate/fargate-size';
import { addedRules, defineSecurityGroup } from '../fargate/security-group';
import { defineTaskDefinition } from '../fargate/task-definition';
import { AirflowVersion } from '../version/airflow-version';
import { workerSlots } from '../workers/worker-slots';

/** User `airflow` of the official image, whose entry point wants the group 0. */
const USER = '50000:0';

/**
 * One component of Airflow as a service on Fargate.
 *
 * The service is given what its component needs and nothing else: environment, secrets, permissions and network connections. Services
 * of one cluster can reach each other where their components have to.
 *
 * @example
 * const cluster = new AirflowCluster(this, 'Cluster');
 * const secrets = new AirflowSecrets(this, 'Secrets');
 * const database = new AirflowDatabase(this, 'Database', { vpc: cluster.vpc });
 * const broker = AirflowBroker.redisOnFargate();
 * const taskLogs = TaskLogs.s3();
 *
 * new AirflowService(this, 'Worker', {
 *   component: AirflowComponent.WORKER,
 *   cluster,
 *   secrets,
 *   database,
 *   broker,
 *   taskLogs,
 *   queues: ['reports'],
 * });
 */
export class AirflowService extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** What it runs. */
  public readonly component: AirflowComponent;

  /** The ECS service. */
  public readonly service: ecs.FargateService;

  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;

  /** The container that runs the component. */
  public readonly container: ecs.ContainerDefinition;

  /** The network connections of the service. Their default port is the one that the component listens on. */
  public readonly connections: ec2.Connections;

  /** The task role: what the component, and for workers the code of DAGs, may do in AWS. */
  public readonly grantPrincipal: iam.IPrincipal;

  /**
   * How many tasks of DAGs it runs at once, all workers of the service together.
   *
   * @internal
   */
  public readonly _slots: number;

  constructor(scope: Construct, id: string, props: AirflowServiceProps) {
    super(scope, id);

    const { cluster, component } = props;
    const definition = component._definition;
    const cpu = props.cpu ?? definition.cpu;
    const memoryLimitMiB = props.memoryLimitMiB ?? definition.memoryLimitMiB;
    validateFargateSize(cpu, memoryLimitMiB);
    validateServiceProps(props);
    const concurrency = definition.runsTasks ? workerSlots(memoryLimitMiB, props.concurrency) : undefined;
    const bindings = bindBricks(props, new Bricks(props));

    this.component = component;
    this._slots = knownNumber(props.desiredCount ?? 1) * knownNumber(concurrency ?? 0);
    this.taskDefinition = defineTaskDefinition(this, { cpu, memoryLimitMiB, cpuArchitecture: props.cpuArchitecture });
    // a size has to be a number
    const files = tmp(Token.isUnresolved(memoryLimitMiB) ? definition.memoryLimitMiB : memoryLimitMiB, definition.dags === 'read');
    this.container = this.defineContainer(props, bindings, concurrency, files);
    this.grantPrincipal = this.taskDefinition.taskRole;
    bindings.forEach(binding => binding.grant?.(this));

    const securityGroup = defineSecurityGroup(this, cluster.vpc, this.container.containerName);
    this.connections = new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: definition.port ? ec2.Port.tcp(definition.port) : undefined,
    });
    // from this side: the rule of a server that another stack defines belongs to this stack, or the two would depend on each other
    const rules = bindings.flatMap(({ server }) => server
      ? addedRules(this, server.peer, () => this.connections.allowToDefaultPort(server.peer, `${component.name} to ${server.name}`))
      : []);

    this.service = defineFargateService(this, {
      cluster,
      taskDefinition: this.taskDefinition,
      securityGroup,
      desiredCount: props.desiredCount,
      privateName: definition.privateName,
      single: definition.single,
      rebalanced: definition.rebalanced,
      enableExecuteCommand: props.enableExecuteCommand,
      capacityProviderStrategies: props.useSpot ? [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] : undefined,
    });
    this.service.node.addDependency(...rules, ...bindings.flatMap(({ waitsFor }) => waitsFor ?? []), ...props.migration ? [props.migration] : []);
    cluster._deployment.add(this);
  }

  private defineContainer(
    props: AirflowServiceProps, bindings: Binding[], concurrency: number | undefined, files: ecs.Tmpfs,
  ): ecs.ContainerDefinition {
    const definition = props.component._definition;
    const { version } = props.version ?? AirflowVersion.V3_3_2;
    const containerName = props.workerName ? `${definition.name}-${props.workerName}` : definition.name;
    const secrets = Object.assign({}, ...bindings.map(binding => binding.secrets), props.secretEnvironment);
    const environment: Record<string, string> = {
      ...sharedEnvironment(props.cluster),
      ...Object.assign({}, ...bindings.map(binding => binding.environment)),
      ...concurrency === undefined ? {} : { AIRFLOW__CELERY__WORKER_CONCURRENCY: String(concurrency) },
      ...props.environment,
    };
    return this.taskDefinition.addContainer(containerName, {
      containerName,
      image: props.image ?? ecs.ContainerImage.fromRegistry(`apache/airflow:${version}`),
      user: USER,
      command: props.queues ? [...definition.command, '--queues', props.queues.join(',')] : definition.command,
      // a variable is either plain or secret
      environment: sorted(Object.fromEntries(Object.entries(environment).filter(([name]) => !(name in secrets)))),
      secrets: sorted(secrets),
      portMappings: definition.port ? [{
        containerPort: definition.port,
        // the name is only there because ECS wants one with a protocol
        ...definition.privateName ? { name: 'http', appProtocol: ecs.AppProtocol.http } : {},
      }] : undefined,
      logging: props.cluster._logDriver(containerName),
      healthCheck: definition.healthCheck(new Bricks(props)),
      ...containerSecurity(this, 'LinuxParameters', { tmpfs: [files], executeCommand: props.enableExecuteCommand }),
      stopTimeout: props.stopTimeout ?? Duration.seconds(definition.stopTimeout),
    });
  }
}

function sorted<T>(variables: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(variables).sort(([left], [right]) => left < right ? -1 : 1));
}

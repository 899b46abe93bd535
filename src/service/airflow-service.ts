import { Duration, Stack, Token } from 'aws-cdk-lib';
import { CfnScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AirflowComponent } from './airflow-component';
import { AirflowServiceProps } from './airflow-service-props';
import { bindParts } from './bindings';
import type { ComponentContext, ComponentDefinition } from './component-definition';
import { validateServiceProps } from './validate-service';
import { Binding, Bindings } from '../binding';
import type { Bounds, ClusterService } from '../cluster/cluster-services';
import { addAirflowContainer, airflowVersion } from '../container/airflow-container';
import { dagCodeCommand } from '../container/dag-code';
import { validateVariables } from '../container/reserved-variables';
import { mountTemporaryDisk } from '../container/temporary-disk';
import { REFRESH } from '../dags/refresh';
import type { AirflowDatabase } from '../database/airflow-database';
import { CeleryExecutor } from '../executor/celery-executor';
import { CLEAN_UP } from '../executor/clean-up';
import { writableFolders } from '../fargate/container-security';
import { defineFargateService } from '../fargate/fargate-service';
import { addedRules, defineSecurityGroup } from '../fargate/security-group';
import { defineTaskDefinition } from '../fargate/task-definition';
import { ECS_SECRET } from '../properties/cdk-types';
import { required, validateType } from '../properties/property-types';
import { WorkerScaler } from '../scaler/worker-scaler';
import { DELETE_LOG } from '../task-logs/delete-log';
import { LIMIT_LOGS } from '../task-logs/limit-logs';
import { warnOfConnections, warnOfParallelism } from '../warnings';

/** What counts the slots of all workers. */
const PARALLELISM = 'AIRFLOW__CORE__PARALLELISM';

/** With more of them the scheduler has to queue more tasks at once than Airflow's default of 16. */
const MANY_SLOTS = 100;
const MAX_TIS_PER_QUERY = 'AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY';

/**
 * One component of Airflow as a service on Fargate.
 *
 * The service is given what its component needs and nothing else: environment, secrets, permissions and network connections. Services
 * of one cluster can reach each other where their components have to.
 *
 * @example
 * declare const cluster: AirflowCluster;
 * declare const secrets: AirflowSecrets;
 * declare const database: AirflowDatabase;
 * declare const fernetKey: FernetKey;
 *
 * new AirflowService(this, 'Scheduler', {
 *   component: AirflowComponent.SCHEDULER,
 *   cluster,
 *   secrets,
 *   database,
 *   fernetKey,
 *   broker: AirflowBroker.redisOnFargate(),
 *   taskLogs: TaskLogs.s3(),
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

  /** Names of the variables of the container. */
  private readonly variables: Set<string>;

  private readonly props: AirflowServiceProps;

  /** Sets how many workers there are, in a scheduler that knows pools which follow their queues. */
  private scaler?: WorkerScaler;

  /** Connections of one task to the database. */
  private readonly connectionsOfTask: number;

  constructor(scope: Construct, id: string, props: AirflowServiceProps) {
    super(scope, id);

    validateServiceProps(props);
    const { cluster, component } = props;
    const definition = component._definition;
    const executor = new CeleryExecutor(props);
    const parts = bindParts(definition, props, executor);

    this.component = component;
    this.taskDefinition = defineTaskDefinition(this, {
      ...props,
      cpu: props.cpu ?? definition.cpu,
      memoryLimitMiB: props.memoryLimitMiB ?? definition.memoryLimitMiB,
      ephemeralStorage: definition.ephemeralStorage,
    });
    const bindings = new Bindings(parts);
    const context = contextOf(props, executor);
    const variables = containerBindings(props, parts, context);
    this.variables = new Set(Object.keys({ ...variables.environment, ...variables.secrets }));
    this.container = this.defineContainer(props, variables, Object.keys(bindings.secrets).sort(), context);
    if (definition.ephemeralStorage) { mountTemporaryDisk(this, this.container, props); }
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.props = props;
    this.connectionsOfTask = definition.connections(variables.environment);

    bindings.grant(this);
    const securityGroups = props.securityGroups ?? [defineSecurityGroup(this, cluster.vpc, this.container.containerName)];
    this.connections = new ec2.Connections({ securityGroups, defaultPort: definition.port ? ec2.Port.tcp(definition.port) : undefined });
    // from this side: the rule of a server that another stack defines belongs to this stack, or the two would depend on each other
    const rules = bindings.servers.flatMap(({ name, peer }) =>
      addedRules(this, peer, () => this.connections.allowToDefaultPort(peer, `${component.name} to ${name}`)));

    this.service = defineFargateService(this, {
      cluster,
      taskDefinition: this.taskDefinition,
      securityGroups,
      desiredCount: props.desiredCount,
      privateName: definition.privateName,
      single: definition.single,
      rebalanced: definition.rebalanced,
      scaled: definition.scaled,
      enableExecuteCommand: props.enableExecuteCommand,
      capacityProviderStrategies: definition.capacity?._strategies,
    });
    this.service.node.addDependency(...rules, ...bindings.waitsFor, ...props.migration ? [props.migration] : []);
    cluster._services.add(this);
    if (definition.executor === 'scheduler') {
      this.node.addValidation({ validate: () => this.scaler ? parallelismErrors(props) : [] });
      const { _maxConnections: most }: Partial<AirflowDatabase> = props.database;
      warnOfConnections(this, () => ({ most, byComponent: cluster._services.connections }));
    }
    if (PARALLELISM in definition.environment(context) && !(PARALLELISM in (props.environment ?? {}))) {
      warnOfParallelism(this, () => cluster._services.unknownSlots.map(({ service }) => service.node.scope!));
    }
  }

  /**
   * How many tasks on Fargate it has, `service.autoScaleTaskCount` included.
   *
   * @internal
   */
  public get _tasks(): Bounds {
    const target = this.service.node.findAll().find((resource): resource is CfnScalableTarget => resource instanceof CfnScalableTarget);
    const { minCapacity: min, maxCapacity: max } = target ?? { minCapacity: this._desiredCount, maxCapacity: this._desiredCount };
    return { min: knownNumber(min), max: knownNumber(max), known: max > 0 && !Token.isUnresolved(max) };
  }

  /**
   * How many tasks it has where nobody scales it.
   *
   * @internal
   */
  public get _desiredCount(): number {
    return this.props.desiredCount ?? 1;
  }

  /**
   * How many tasks of DAGs it runs at once.
   *
   * @internal
   */
  public get _slots(): Bounds {
    return { min: 0, max: 0, known: true };
  }

  /**
   * How many connections to the database it has at most: an update starts new tasks before it stops the old ones.
   *
   * @internal
   */
  public get _connections(): number {
    return this._tasks.max * (this.connectionsOfTask + (this.scaler ? 1 : 0)) * (this.component._definition.single ? 1 : 2);
  }

  /**
   * Makes sure that somebody sets how many tasks a pool or the triggerer has, if this is a scheduler.
   *
   * @internal
   */
  public _scale(scaled: ClusterService): void {
    if (this.component._definition.executor !== 'scheduler') { return; }
    if (Stack.of(scaled.service) !== Stack.of(this)) {
      throw new Error(`property scaling must be WorkerScaling.fixed in another stack than that of the scheduler, got onQueue of ${scaled.service.node.path}: the two would depend on each other`);
    }
    const { cluster: { _services: services }, environment: given = {} } = this.props;
    const parallelism = given[PARALLELISM] ?? services.parallelism();
    this.scaler ??= new WorkerScaler(this, { ...this.props, taskDefinition: this.taskDefinition, parallelism });
    this.scaler.add(scaled);
    if (services.slots > MANY_SLOTS && !this.variables.has(MAX_TIS_PER_QUERY)) {
      this.variables.add(MAX_TIS_PER_QUERY);
      this.container.addEnvironment(MAX_TIS_PER_QUERY, '64');
    }
  }

  /**
   * Adds a variable from Secrets Manager or Parameter Store.
   *
   * @internal
   */
  public _addSecret(name: string, secret: ecs.Secret): void {
    validateType('secret', secret, required(ECS_SECRET));
    validateVariables('name', { [name]: secret });
    if (this.variables.has(name)) {
      throw new Error(`property name must be a variable that ${this.container.containerName} does not have yet, got ${JSON.stringify(name)}`);
    }
    this.variables.add(name);
    this.container.addSecret(name, secret);
  }

  /**
   * A metric of the ECS service, the average over five minutes.
   *
   * @param metricName name of the metric in the namespace `AWS/ECS`
   * @param props other statistic, period and so on
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metric(metricName, props);
  }

  /**
   * CPU in use, in percent of what its tasks have.
   *
   * @param props other statistic, period and so on
   */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricCpuUtilization(props);
  }

  /**
   * Memory in use, in percent of what its tasks have.
   *
   * @param props other statistic, period and so on
   */
  public metricMemoryUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricMemoryUtilization(props);
  }

  /** @param secrets names of variables that code of DAGs does not get */
  private defineContainer(props: AirflowServiceProps, bindings: Bindings, secrets: string[], context: ComponentContext): ecs.ContainerDefinition {
    const { component: { _definition: definition } } = props;
    const containerName = definition.containerName ?? definition.name;
    return addAirflowContainer(this, this.taskDefinition, containerName, {
      ...props,
      logStreamPrefix: containerName,
      command: definition.runsDagCode
        ? dagCodeCommand(definition.command, { secrets, programs: programsOf(definition) })
        : definition.command,
      bindings,
      tmpfs: writableFolders(props.memoryLimitMiB ?? definition.memoryLimitMiB, {
        runsDags: definition.dags === 'read', onDisk: definition.ephemeralStorage !== undefined,
      }),
      portMappings: definition.port ? [{
        containerPort: definition.port,
        // the name is only there because ECS wants one with a protocol
        ...definition.web ? { name: 'http', appProtocol: ecs.AppProtocol.http } : {},
      }] : undefined,
      healthCheck: definition.healthCheck(context),
      stopTimeout: props.stopTimeout ?? Duration.seconds(definition.stopTimeout),
    });
  }
}

function contextOf(props: AirflowServiceProps, executor: CeleryExecutor): ComponentContext {
  const { cluster, database, environment: given = {} } = props;
  return { version: airflowVersion(props), parallelism: cluster._services.parallelism(), database, executor, given };
}

/** What the container gets; of a variable of the same name the later one counts. */
function containerBindings(props: AirflowServiceProps, parts: Binding[], context: ComponentContext): Bindings {
  return new Bindings([
    ...parts,
    { environment: props.component._definition.environment(context) },
    { environment: props.environment, secrets: props.secretEnvironment },
  ]);
}

/** Workers that are added for tasks which the scheduler holds back would be paid for nothing. */
function parallelismErrors({ environment = {}, cluster: { _services: services } }: AirflowServiceProps): string[] {
  const given = environment[PARALLELISM];
  const least = Math.ceil(services.slots / services.schedulers);
  return given === undefined || Token.isUnresolved(given) || Number(given) >= least ? [] : [
    `property environment must have ${least} or more in ${PARALLELISM}, the slots of all workers for each scheduler, got ${JSON.stringify(given)}: leave it out, or lower maxWorkers`,
  ];
}

/** A number that is known at synthesis; one that is not counts as nothing. */
function knownNumber(value: number): number {
  return Token.isUnresolved(value) ? 0 : value;
}

/** What is mended before Airflow starts. */
function programsOf({ dags, executor, taskLogs }: ComponentDefinition): string[] {
  return [...dags === 'read' ? [REFRESH] : [], ...taskLogs === 'write' ? [LIMIT_LOGS, DELETE_LOG] : [], ...executor === 'worker' ? [CLEAN_UP] : []];
}

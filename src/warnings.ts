import { Annotations, AspectPriority, Aspects, CfnDeletionPolicy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct, IConstruct } from 'constructs';
import type { AirflowVersion } from './version/airflow-version';

const PREFIX = 'serverless-airflow:';

/** Beyond it the 500 resources of a stack come near. */
const MOST_POOLS = 20;

/** What users are warned of, besides known vulnerabilities, by the part of the id that is after the colon. */
export const WARNINGS = {
  destroyable: {
    when: '`removalPolicy` is `DESTROY`, or `deletionProtection` of the database is `false`, unless `AirflowPreset.DEVELOPMENT` says so already',
    instead: 'leave the property out to keep data, or take AirflowPreset.DEVELOPMENT if it may be lost',
  },
  public: {
    when: 'a security group of the deployment, or of an existing database, lets every address in; or such a database has a public address',
    instead: 'allow security groups or the addresses of your networks',
  },
  unencrypted: {
    when: 'the storage of an existing database, defined in the same app, is not said to be encrypted',
    instead: 'set storageEncrypted of the database, which replaces it',
  },
  undeletable: {
    when: '`deletionProtection` of the database is `true`, and `removalPolicy` or an aspect says that it is deleted with the stack',
    instead: 'leave deletionProtection out, so that it follows, or keep the database',
  },
  termination: {
    when: '`AirflowPreset.PRODUCTION` is in a stack without termination protection, unless `removalPolicy` is `DESTROY`',
    instead: 'set terminationProtection of the stack',
  },
  dockerHub: {
    when: '`AirflowPreset.PRODUCTION` runs from an image on Docker Hub',
    instead: 'copy the image to ECR, or take a pull-through cache, and set property image',
  },
  key: {
    when: '`encryptionKey` is of another app, so that its policy cannot be changed',
    instead: 'the owner of the key has to add the statement before the first deployment',
  },
  arm64: {
    when: 'the region is known to be us-east-1, and a service runs on ARM64',
    instead: 'take a VPC whose private subnets are in other zones, or CpuArchitecture.X86_64',
  },
  parallelism: {
    when: 'a pool has 0 workers or a number that is known at deployment only, unless `AIRFLOW__CORE__PARALLELISM` is given',
    instead: 'give AIRFLOW__CORE__PARALLELISM in property environment, or scale with service.autoScaleTaskCount',
  },
  plugin: {
    when: 'a folder of `DagSource.directory` has a plugin of Airflow in it',
    instead: 'copy it to /opt/airflow/plugins of an image of yours and set property image',
  },
  connections: {
    when: 'components can open more connections than the new database takes, at their greatest numbers and while an update replaces them',
    instead: 'raise maxCapacity of the AirflowDatabase, lower numbers or concurrency of workers, or the pools of connections with AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW',
  },
  defaultQueue: {
    when: '`worker.enabled` is `false`, and no pool of workers has the queue `default`, which tasks are in that name none',
    instead: 'give a pool the queue, or set AIRFLOW__OPERATORS__DEFAULT_QUEUE in property environment',
  },
  pools: {
    when: 'there are more than 20 pools of workers in a stack: each has 15 resources, and CloudFormation takes 500',
    instead: 'define an AirflowWorkerPool in a stack of its own',
  },
  partition: {
    when: 'the region is known to be one of China, GovCloud or another partition than `aws`',
    instead: 'try every resource there before you rely on it',
  },
};

function warn(scope: IConstruct, id: keyof typeof WARNINGS, message: string): void {
  Annotations.of(scope).addWarningV2(PREFIX + id, `${message}: ${WARNINGS[id].instead}`);
}

interface DataProps {
  readonly preset?: { readonly _values: { readonly removalPolicy?: RemovalPolicy } };
  readonly removalPolicy?: RemovalPolicy;
  readonly deletionProtection?: boolean;
}

/**
 * Warns of data that can be lost with a stack. Who has chosen a preset for that knows it.
 *
 * @param data what is lost
 */
export function warnIfDestroyable(scope: Construct, { preset, removalPolicy, deletionProtection }: DataProps, data: string): void {
  // the parts of a construct do not say again what it says: CDK looks for this at what is above them
  Annotations.of(scope).acknowledgeWarning(`${PREFIX}destroyable`);
  if (preset?._values.removalPolicy === RemovalPolicy.DESTROY) {
    return;
  }
  if (removalPolicy === RemovalPolicy.DESTROY) {
    warn(scope, 'destroyable', `property removalPolicy is DESTROY, so that ${data} will be deleted with the stack`);
  } else if (deletionProtection === false) {
    warn(scope, 'destroyable', 'property deletionProtection is false, so that nothing keeps the database from being deleted');
  }
}

/** Warns of a database that would be deleted with its stack, if it did not refuse. Aspects can have said so. */
export function warnIfUndeletable(scope: Construct, database: rds.CfnDBCluster | rds.CfnDBInstance): void {
  late(database, () => {
    if (database.cfnOptions.deletionPolicy === CfnDeletionPolicy.DELETE && Stack.of(scope).resolve(database.deletionProtection) === true) {
      warn(scope, 'undeletable', 'property deletionProtection is true, so that the stack, which deletes the database, cannot be deleted');
    }
  });
}

/** Warns of what only a production must not do. */
export function warnOfProduction(scope: Construct, { removalPolicy, imageName }: { removalPolicy?: RemovalPolicy; imageName: string }): void {
  if (isOnDockerHub(imageName)) {
    warn(scope, 'dockerHub', `the image ${imageName} is on Docker Hub, which limits pulls, and Fargate pulls it for each task that starts`);
  }
  late(scope, () => {
    if (removalPolicy !== RemovalPolicy.DESTROY && !outermost(Stack.of(scope)).terminationProtection) {
      warn(scope, 'termination', `the stack ${outermost(Stack.of(scope)).stackName} has no termination protection: deleted by mistake, it `
        + 'ends every service and the database\'s instances before the database refuses');
    }
  });
}

/** Warns of a key that has to have a statement which nobody could add. */
export function warnOfKey(scope: Construct, key: kms.IKey, statement: iam.PolicyStatement): void {
  const json = Stack.of(scope).resolve(statement.toStatementJson());
  const text = JSON.stringify(json, (_, value) => value?.['Fn::Join'] ? joined(value['Fn::Join']) : value);
  warn(scope, 'key', `the policy of the key ${key.node.path} must have the statement ${text}, and must let IAM policies of its account allow the key`);
}

/** Warns of what Fargate does not have where this is deployed to, as far as the region is known. */
export function warnOfRegion(scope: Construct, onArm64: () => boolean): void {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region)) { return; }
  const partition = RegionInfo.get(region).partition ?? 'aws';
  if (partition !== 'aws') {
    warn(scope, 'partition', `the region ${region} is in the partition ${partition}, which nothing here was made for: ARM64 and tmpfs on Fargate, names of `
      + 'service principals and Docker Hub can be missing or different');
  }
  late(scope, () => {
    if (region === 'us-east-1' && onArm64()) {
      warn(scope, 'arm64', 'Fargate has no ARM64 in the zone use1-az3 of us-east-1, which is another letter in each account (aws ec2 describe-availability-zones)');
    }
  });
}

/** Warns of workers whose slots the scheduler does not count. */
export function warnOfParallelism(scope: Construct, unknown: () => IConstruct[]): void {
  late(scope, () => unknown().forEach(pool => warn(scope, 'parallelism', `property desiredCount or concurrency of ${pool.node.path} does not say how many tasks run there, so that `
    + '[core] parallelism leaves them out, and can hold tasks back')));
}

/** Warns of a plugin (a timetable, a listener …) where no component looks for one. */
export function warnOfPlugin(scope: Construct, file: string): void {
  warn(scope, 'plugin', `the DAG folder has a plugin of Airflow in ${file}, which no component loads: plugins are in the image, DAG folders are fetched by some components only`);
}

/** Warns of more connections to the database than it takes. */
export function warnOfConnections(scope: Construct, budget: () => { most?: number; byComponent: Record<string, number> }): void {
  late(scope, () => {
    const { most, byComponent } = budget();
    const sum = Object.values(byComponent).reduce((total, connections) => total + connections, 0);
    if (most !== undefined && sum > most) {
      const parts = Object.entries(byComponent).filter(([, connections]) => connections > 0).map(([name, connections]) => `${name} ${connections}`);
      warn(scope, 'connections', `the database takes ${most} connections, and while an update replaces all tasks there can be ${sum} (${parts.join(', ')})`);
    }
  });
}

/** Warns of what pools of workers there are. */
export function warnOfPools(scope: Construct, pools: () => { queues: Set<string>; defaultQueue: string; number: number }): void {
  late(scope, () => {
    const { queues, defaultQueue, number } = pools();
    if (!queues.has(defaultQueue)) {
      warn(scope, 'defaultQueue', `no pool of workers has the queue ${JSON.stringify(defaultQueue)}, so that tasks which name no queue wait for ever`);
    }
    if (number > MOST_POOLS) {
      warn(scope, 'pools', `there are ${number} pools of workers in one deployment`);
    }
  });
}

/** Warns of each known vulnerability of a release. */
export function warnOfVulnerabilities(scope: Construct, version: AirflowVersion): void {
  for (const { cve, what, fixedIn, protection } of version._vulnerabilities) {
    Annotations.of(scope).addWarningV2(PREFIX + cve,
      `Airflow ${version.version} has a known vulnerability, ${cve}: ${what}. Airflow ${fixedIn} has it no more${protection ? `; here ${protection}` : ''}.`);
  }
}

/**
 * Warns of the security groups below a construct, and of others, that let every address in. Their rules are complete at synthesis only. The
 * warning is one of the resource, so that it can be acknowledged for the group, too: CDK does not look at the construct itself.
 */
export function warnOfOpenGroups(scope: Construct, others: ec2.ISecurityGroup[] = []): void {
  const visit = (node: IConstruct) => {
    if (node instanceof ec2.CfnSecurityGroup && isOpen(node)) {
      warn(node, 'public', `the security group ${node.node.path} lets every address in`);
    }
  };
  for (const root of [scope, ...others]) {
    Aspects.of(root).add({ visit }, { priority: AspectPriority.READONLY });
  }
}

/** Warns of what is known about a database that somebody else has made, in the same app. */
export function warnOfDatabase(scope: Construct, server: rds.IDatabaseCluster | rds.IDatabaseInstance): void {
  const resources = server.node.findAll();
  if (resources.some(resource => resource instanceof rds.CfnDBInstance && resource.publiclyAccessible === true)) {
    warn(scope, 'public', `the database ${server.node.path} has a public address`);
  }
  const database = server.node.defaultChild;
  if ((database instanceof rds.CfnDBCluster || database instanceof rds.CfnDBInstance) && isUnencrypted(database)) {
    warn(scope, 'unencrypted', `the database ${server.node.path} does not say that its storage is encrypted`);
  }
  warnOfOpenGroups(scope, server.connections.securityGroups);
}

/** A copy is encrypted as its source is. */
function isUnencrypted(database: rds.CfnDBCluster | rds.CfnDBInstance): boolean {
  const copied = database instanceof rds.CfnDBCluster
    ? database.snapshotIdentifier
    : database.dbSnapshotIdentifier ?? database.sourceDbInstanceIdentifier;
  return database.storageEncrypted === false || (database.storageEncrypted === undefined && copied === undefined);
}

/** When all is defined, and aspects have changed what they change of a construct itself: they come to what is in it later. */
function late(scope: IConstruct, check: () => void): void {
  Aspects.of(scope).add({ visit: node => { if (node === scope) { check(); } } }, { priority: AspectPriority.READONLY });
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}

/** What CloudFormation would join, for people: `logs.<AWS::Region>.amazonaws.com`. */
function joined([separator, parts]: [string, (string | { Ref: string })[]]): string {
  return parts.map(part => typeof part === 'string' ? part : `<${part.Ref}>`).join(separator);
}

/** As container runtimes read a name: what comes first is a registry if it looks like a host. */
function isOnDockerHub(imageName: string): boolean {
  const [first, ...rest] = imageName.split('/');
  return !Token.isUnresolved(imageName) && (rest.length === 0 || !/[.:]|^localhost$/.test(first) || first === 'docker.io');
}

function isOpen(group: ec2.CfnSecurityGroup): boolean {
  const rules: ec2.CfnSecurityGroup.IngressProperty[] = Stack.of(group).resolve(group.securityGroupIngress) ?? [];
  return rules.some(({ cidrIp, cidrIpv6 }) => cidrIp === '0.0.0.0/0' || cidrIpv6 === '::/0');
}

import { Annotations, AspectPriority, Aspects, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct, IConstruct } from 'constructs';
import type { AirflowVersion } from './version/airflow-version';

const PREFIX = 'serverless-airflow:';

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

function isOpen(group: ec2.CfnSecurityGroup): boolean {
  const rules: ec2.CfnSecurityGroup.IngressProperty[] = Stack.of(group).resolve(group.securityGroupIngress) ?? [];
  return rules.some(({ cidrIp, cidrIpv6 }) => cidrIp === '0.0.0.0/0' || cidrIpv6 === '::/0');
}

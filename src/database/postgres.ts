import { CfnDeletionPolicy, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PasswordPolicy } from '../secrets/password-policy';
import { warnIfUndeletable } from '../warnings';

export const PORT = 5432;
export const MASTER_USER = 'airflow_admin';

/** The major version only: RDS takes the newest minor one for a new database, and a running one has its own from its maintenance windows. */
export const MAJOR_VERSION = '17';

export const PARAMETERS_DESCRIPTION = 'Airflow: TLS only, dead connections end soon';
export const PARAMETERS = {
  'rds.force_ssl': '1',
  // A client whose host is lost leaves its session behind, with the scheduler's row locks in it: every other scheduler then waits
  // for as long as the session lives, which by default is two hours.
  'tcp_keepalives_idle': '60',
  'tcp_keepalives_interval': '10',
  'tcp_keepalives_count': '3',
  'idle_in_transaction_session_timeout': '300000',
};

export function defineDatabaseSecurityGroup(scope: Construct, vpc: ec2.IVpc): ec2.SecurityGroup {
  return new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Airflow: database', allowAllOutbound: false });
}

export function defineMasterSecret(scope: Construct, encryptionKey?: kms.IKey): secretsmanager.Secret {
  return new secretsmanager.Secret(scope, 'MasterSecret', {
    description: 'Airflow: master user of the database',
    generateSecretString: {
      ...new PasswordPolicy()._render(),
      secretStringTemplate: JSON.stringify({ username: MASTER_USER }),
      generateStringKey: 'password',
    },
    encryptionKey,
    // a database that is restored from the snapshot gets a new master password
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** Its master user is the snapshot's, with a password of this stack. */
export function restoreFrom(resource: rds.CfnDBCluster, snapshotIdentifier: string): void {
  resource.snapshotIdentifier = snapshotIdentifier;
  resource.masterUsername = undefined;
}

/** As late as possible: an aspect, as RemovalPolicies is one, can change what happens to the database. */
export function protect(scope: Construct, resource: rds.CfnDBCluster | rds.CfnDBInstance, deletionProtection?: boolean): void {
  const unlessDeleted = Lazy.uncachedAny({ produce: () => resource.cfnOptions.deletionPolicy !== CfnDeletionPolicy.DELETE });
  resource.deletionProtection = deletionProtection ?? unlessDeleted;
  warnIfUndeletable(scope, resource);
}

import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, Dependable } from 'constructs';
import type { AirflowDatabaseTlsOptions, IAirflowDatabase } from './database';
import { validateCaBundle } from './validation';
import { SECRET } from '../properties/cdk-types';
import { validatePort } from '../properties/numbers';
import { NUMBER, PropertyTypes, required, STRING } from '../properties/property-types';
import { warnOfDatabase } from '../warnings';

const POSTGRESQL_PORT = 5432;

/** What all existing databases have in common. */
export interface AirflowDatabaseAttributes extends AirflowDatabaseTlsOptions {
  /**
   * The master user's credentials: JSON with the fields `username` and `password`.
   *
   * The user needs the rights to create databases and roles, and must not be called `airflow` or `airflow_results`.
   */
  readonly masterSecret: secretsmanager.ISecret;

  /**
   * The port that the database listens on.
   *
   * @default - the port of its endpoint if that is known at synthesis, otherwise 5432
   */
  readonly port?: number;
}

/** An existing Aurora PostgreSQL cluster. */
export interface AirflowDatabaseClusterAttributes extends AirflowDatabaseAttributes {
  /** The cluster. Its endpoint and its security groups have to be known. */
  readonly cluster: rds.IDatabaseCluster;
}

/** An existing PostgreSQL instance in RDS. */
export interface AirflowDatabaseInstanceAttributes extends AirflowDatabaseAttributes {
  /** The instance. Its endpoint and its security groups have to be known. */
  readonly instance: rds.IDatabaseInstance;
}

export const EXISTING_TYPES: PropertyTypes<AirflowDatabaseAttributes> = { masterSecret: required(SECRET), port: NUMBER, caBundle: STRING };

/** A database that somebody else has made. */
export class ExistingDatabase extends Construct implements IAirflowDatabase {
  public readonly connections: ec2.Connections;
  public readonly hostname: string;
  public readonly port: number;
  public readonly masterSecret: secretsmanager.ISecret;
  public readonly caBundle?: string;

  constructor(
    scope: Construct,
    id: string,
    server: rds.IDatabaseCluster | rds.IDatabaseInstance,
    endpoint: rds.Endpoint,
    props: AirflowDatabaseAttributes,
  ) {
    super(scope, id);

    validatePort(props.port);
    validateCaBundle(props.caBundle);
    warnOfDatabase(this, server);
    // a security group rule needs a number that is known now, and the endpoint of a cluster in the same app has only a token
    this.port = props.port ?? (Token.isUnresolved(endpoint.port) ? POSTGRESQL_PORT : endpoint.port);
    this.hostname = endpoint.hostname;
    this.masterSecret = props.masterSecret;
    this.caBundle = props.caBundle;
    this.connections = new ec2.Connections({
      securityGroups: server.connections.securityGroups,
      defaultPort: ec2.Port.tcp(this.port),
    });
    Dependable.implement(this, { dependencyRoots: [server, props.masterSecret] });
  }
}

import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, Dependable } from 'constructs';
import type { IAirflowDatabase } from './airflow-database';
import { validateCaBundle } from './validation';
import { warnOfDatabase } from '../warnings';

const POSTGRESQL_PORT = 5432;

export interface ExistingDatabaseProps {
  readonly masterSecret: secretsmanager.ISecret;
  readonly port?: number;
  readonly caBundle?: string;
}

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
    props: ExistingDatabaseProps,
  ) {
    super(scope, id);

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

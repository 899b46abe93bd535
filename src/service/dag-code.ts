import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { DependencyGroup } from 'constructs';
import type { AirflowService } from './airflow-service';

/**
 * Everything that code of DAGs runs in: all pools of workers, those that are added later as well, the DAG processor and the triggerer.
 *
 * Tasks and their callbacks run on workers; what a DAG file does when it is read, callbacks of DAGs and those of tasks that were lost run in the DAG
 * processor; triggers, which deferred tasks wait for, in the triggerer. What is granted here all three may do.
 *
 * @example
 * declare const airflow: ServerlessAirflow;
 * declare const bucket: s3.Bucket;
 * declare const mail: secretsmanager.ISecret;
 *
 * bucket.grantReadWrite(airflow.dagCode);
 * airflow.dagCode.connections.allowToAnyIpv4(ec2.Port.tcp(587), 'DAGs to the mail server');
 * airflow.dagCode.addSecret('AIRFLOW_CONN_SMTP_DEFAULT', ecs.Secret.fromSecretsManager(mail));
 */
export class DagCode implements iam.IGrantable, ec2.IConnectable {
  /** @internal */
  public static _of(...services: AirflowService[]): DagCode {
    return new DagCode(services);
  }

  /** The network connections of all of them. */
  public readonly connections = new ec2.Connections();

  /** The task roles of all of them. */
  public readonly grantPrincipal: iam.IPrincipal;

  private readonly roles: TaskRoles;
  private readonly services: AirflowService[] = [];
  private readonly secrets = new Map<string, ecs.Secret>();

  private constructor(services: AirflowService[]) {
    this.grantPrincipal = this.roles = new TaskRoles(...services.map(({ grantPrincipal }) => grantPrincipal));
    services.forEach(service => this.connect(service));
  }

  /**
   * Gives all of them an environment variable from Secrets Manager or Parameter Store, for example an `AIRFLOW_CONN_…` connection.
   *
   * @param name name of the variable
   * @param secret its value
   */
  public addSecret(name: string, secret: ecs.Secret): void {
    this.services.forEach(service => service._addSecret(name, secret));
    this.secrets.set(name, secret);
  }

  /**
   * Adds a service, which gets what the others have got here.
   *
   * @internal
   */
  public _add(service: AirflowService): void {
    this.roles.addPrincipals(service.grantPrincipal);
    this.connect(service);
    this.secrets.forEach((secret, name) => service._addSecret(name, secret));
  }

  private connect(service: AirflowService): void {
    this.services.push(service);
    this.connections.addSecurityGroup(...service.connections.securityGroups);
  }
}

/** Task roles that are granted the same: CDK's own has no policy, so that every grant would become one of the resource. */
class TaskRoles extends iam.CompositePrincipal {
  // without it every grant counts as one of another account
  public readonly principalAccount = this.principals[0].principalAccount;

  private readonly statements: iam.PolicyStatement[] = [];

  public addPrincipals(...principals: iam.IPrincipal[]): this {
    // not there yet when the constructor calls it
    this.statements?.forEach(statement => principals.forEach(principal => principal.addToPrincipalPolicy(statement.copy())));
    return super.addPrincipals(...principals);
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const policyDependable = new DependencyGroup();
    this.statements.push(statement);
    const results = this.principals.map(principal => principal.addToPrincipalPolicy(statement.copy()));
    results.forEach(({ policyDependable: dependable }) => dependable && policyDependable.add(dependable));
    return { statementAdded: results.every(({ statementAdded }) => statementAdded), policyDependable };
  }
}

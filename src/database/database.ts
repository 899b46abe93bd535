import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';

/**
 * A PostgreSQL server for Airflow.
 *
 * The migration step makes two databases in it, each used by a role of the same name: `airflow` for Airflow's metadata and
 * `airflow_results` for the results of Celery tasks, the only one that workers can reach.
 */
export interface IAirflowDatabase extends IConstruct, ec2.IConnectable {
  /** Host name of the writer. */
  readonly hostname: string;

  /** Port of the writer. */
  readonly port: number;

  /** The master user's credentials: JSON with the fields `username` and `password`. Only the migration step gets them. */
  readonly masterSecret: secretsmanager.ISecret;

  /** Path of a file in the image, with the certificates of the authorities that the database's certificate is verified with; undefined if it is not. */
  readonly caBundle?: string;
}

/** How the certificate of a database is verified. */
export interface AirflowDatabaseTlsOptions {
  /**
   * Path of a file in the image, with the certificates of the authorities that the database's certificate is verified with, for example RDS's
   * [global bundle](https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem). Letters, digits, `_`, `-`, `.` and `/`.
   *
   * Components that read the metadata database get the path as `PGSSLROOTCERT`, too, which counts for other PostgreSQL connections from there.
   *
   * @default - connections are encrypted, and the certificate is not verified: the official image does not have RDS's authorities
   */
  readonly caBundle?: string;
}

import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { AirflowCluster } from '../airflow-cluster';
import { AirflowSecrets } from '../airflow-secrets';
import type { AirflowVersion } from '../airflow-version';
import { IAirflowDatabase } from '../database/airflow-database';
import { IFernetKey } from '../fernet-key/fernet-key';

/** Properties of an AirflowMigration. */
export interface AirflowMigrationProps {
  /** Where the migration runs. */
  readonly cluster: AirflowCluster;

  /** The database server that is prepared. */
  readonly database: IAirflowDatabase;

  /** The passwords of the databases' roles and of the first admin user. */
  readonly secrets: AirflowSecrets;

  /** The key that migrations encrypt with. */
  readonly fernetKey: IFernetKey;

  /**
   * The Airflow release.
   *
   * @default AirflowVersion.V3_3_2
   */
  readonly version?: AirflowVersion;

  /**
   * The image, the same as the services'.
   *
   * @default - the official image of the Airflow release
   */
  readonly image?: ecs.ContainerImage;

  /**
   * The processor architecture of the image.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;

  /**
   * Additional environment variables, for example `AIRFLOW__…` settings that the services have as well.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long a migration may take, 1 to 14 minutes. Then it is stopped and the deployment fails.
   *
   * @default Duration.minutes(14)
   */
  readonly timeout?: Duration;
}

/** Prepares the database for Airflow. */
export class AirflowMigration extends Construct implements ec2.IConnectable {
  /** The network connections of the migration task. */
  public readonly connections: ec2.Connections;

  constructor(scope: Construct, id: string, props: AirflowMigrationProps) {
    super(scope, id);
    this.connections = new ec2.Connections({ securityGroups: [new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: props.cluster.vpc })] });
  }
}

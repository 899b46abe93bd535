import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IDependable } from 'constructs';

/** What one part of a deployment (database, broker, DAG source, …) adds to a container that is bound to it, and to its service. */
export interface Binding {
  /** Plain variables. */
  readonly environment?: Record<string, string>;
  /** Variables that ECS fills from Secrets Manager when the task starts. */
  readonly secrets?: Record<string, ecs.Secret>;
  /** What the service connects to, on its default port. */
  readonly server?: { readonly name: string; readonly peer: ec2.IConnectable };
  /** What has to be there before the service starts. */
  readonly waitsFor?: IDependable[];
  /** Permissions of the service's task role. */
  grant?(taskRole: iam.IGrantable): void;
}

/** What all bindings of a service add together; of two variables with the same name the later one counts. */
export class Bindings {
  constructor(private readonly bindings: Binding[]) {}

  public get environment(): Record<string, string> {
    return Object.assign({}, ...this.bindings.map(({ environment }) => environment));
  }

  public get secrets(): Record<string, ecs.Secret> {
    return Object.assign({}, ...this.bindings.map(({ secrets }) => secrets));
  }

  public get servers(): { readonly name: string; readonly peer: ec2.IConnectable }[] {
    return this.bindings.flatMap(({ server }) => server ?? []);
  }

  public get waitsFor(): IDependable[] {
    return this.bindings.flatMap(({ waitsFor }) => waitsFor ?? []);
  }

  public grant(taskRole: iam.IGrantable): void {
    this.bindings.forEach(binding => binding.grant?.(taskRole));
  }
}

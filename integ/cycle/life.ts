import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { deploy } from './cdk';
import { events, eventsSince } from './cloudformation';
import { BASE, migrationFunction, Subject, synthesize, Variant } from './subject';
import { constructPath, ofType, readTemplate, Template } from './template';
import type { Checks } from '../../tools/checks';

/** The life of one subject: what its steps have in common. */
export class Life {
  constructor(
    public readonly subject: Subject,
    public readonly checks: Checks,
    private readonly folder: string,
    /** Where the migration's function finds ECS. */
    private readonly ecsAddress: string,
  ) {}

  public get stackName(): string {
    return this.subject.stackName;
  }

  /** Part of the family of the migration's task definition. */
  public get migrationFamily(): string {
    return `${this.stackName.replace(/-/g, '')}AirflowMigration`;
  }

  /** Synthesizes a variant. Returns the folder of the cloud assembly. */
  public synthesize(variant: Variant = BASE, folder = variant.name): string {
    return synthesize(`${this.folder}/${this.subject.name}/${folder}`, this.stackName, stack => {
      const airflow = this.subject.define(stack, variant.change ?? (props => props));
      migrationFunction(airflow).addPropertyOverride('Environment.Variables.AWS_ENDPOINT_URL_ECS', this.ecsAddress);
      variant.edit?.(airflow);
    });
  }

  public template(assembly: string): Template {
    return readTemplate(assembly, this.stackName);
  }

  /** Deploys a cloud assembly. Returns what happened to the resources, oldest first. */
  public async update(assembly: string): Promise<StackEvent[]> {
    const earlier = await events(this.stackName);
    await deploy(assembly, this.stackName);
    return eventsSince(this.stackName, earlier);
  }

  /** Logical ids of the services that run Airflow; Redis is there before the migration. */
  public airflowServices(template: Template): string[] {
    return ofType(template, 'AWS::ECS::Service').filter(logicalId => !/\bRedis\b/.test(constructPath(template, logicalId)));
  }
}

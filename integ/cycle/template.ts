import { readFileSync } from 'node:fs';
import * as path from 'node:path';

export interface TemplateResource {
  readonly Type: string;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly Metadata?: { readonly 'aws:cdk:path'?: string };
}

export interface Template {
  readonly Resources: Record<string, TemplateResource>;
}

export function readTemplate(assembly: string, stackName: string): Template {
  return JSON.parse(readFileSync(path.join(assembly, `${stackName}.template.json`), 'utf-8'));
}

/** Construct path of a resource in its stack, without the ids that CDK adds at the end: `Airflow/FernetKey/Secret`. */
export function constructPath(template: Template, logicalId: string): string {
  const { Metadata } = template.Resources[logicalId];
  return Metadata!['aws:cdk:path']!.split('/').slice(1).join('/').replace(/\/(Resource|Default)$/, '');
}

/** Logical ids of all resources of a type. */
export function ofType(template: Template, type: string): string[] {
  return Object.keys(template.Resources).filter(logicalId => template.Resources[logicalId].Type === type);
}

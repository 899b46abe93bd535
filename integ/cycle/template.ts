import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { S3 } from '@aws-sdk/client-s3';

export interface TemplateResource {
  readonly Type: string;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly Properties?: Record<string, unknown>;
  readonly Metadata?: { readonly 'aws:cdk:path'?: string };
}

export interface Template {
  readonly Resources: Record<string, TemplateResource>;
  readonly Outputs?: Record<string, unknown>;
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

/** No service takes a property that it does not know, and no custom resource a handler that is none. */
export function withMistakes(template: Template, ids: string[]): Template {
  const wrong = ids.map(id => {
    const resource = template.Resources[id];
    const mistake = resource.Type.startsWith('Custom::') ? { ServiceToken: 'nothing' } : { NoSuchProperty: true };
    return [id, { ...resource, Properties: { ...resource.Properties, ...mistake } }];
  });
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(wrong) } };
}

/** The template of one stack for another one: families of task definitions and ids of rules contain its name, and two would share the former. */
export function renamed(template: Template, stackName: string, newName: string): Template {
  return JSON.parse(JSON.stringify(template).replaceAll(nameInIds(stackName), nameInIds(newName)));
}

/** Makes the template of one stack that of another, and puts it where CloudFormation can read it. Returns the URL. */
export async function upload(template: Template, stackName: string, newName: string): Promise<string> {
  const bucket = `cdk-hnb659fds-assets-${process.env.CDK_DEFAULT_ACCOUNT}-${process.env.CDK_DEFAULT_REGION}`;
  const key = `${newName}.json`;
  const body = JSON.stringify(renamed(template, stackName, newName));
  await new S3({ forcePathStyle: true }).putObject({ Bucket: bucket, Key: key, Body: body });
  return `${process.env.AWS_ENDPOINT_URL}/${bucket}/${key}`;
}

/** A stack name as CDK makes it part of ids. */
function nameInIds(stackName: string): string {
  return stackName.replaceAll('-', '');
}

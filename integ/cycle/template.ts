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

/** Makes the template of one stack that of another, and puts it where CloudFormation can read it. Returns the URL. */
export async function upload(template: Template, stackName: string, newName: string): Promise<string> {
  const bucket = `cdk-hnb659fds-assets-${process.env.CDK_DEFAULT_ACCOUNT}-${process.env.CDK_DEFAULT_REGION}`;
  const key = `${newName}.json`;
  // families of task definitions are named after the stack at synthesis: two stacks of one template would share them
  const body = JSON.stringify(template).replaceAll(nameInIds(stackName), nameInIds(newName));
  await new S3({ forcePathStyle: true }).putObject({ Bucket: bucket, Key: key, Body: body });
  return `${process.env.AWS_ENDPOINT_URL}/${bucket}/${key}`;
}

/** A stack name as CDK makes it part of ids. */
function nameInIds(stackName: string): string {
  return stackName.replaceAll('-', '');
}

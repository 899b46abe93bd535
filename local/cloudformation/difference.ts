import type { Writable } from 'node:stream';
import { formatDifferences, formatSecurityChanges, fullDiff } from '@aws-cdk/cloudformation-diff';
import type { Stack } from './assembly';
import type { Template } from './template';

/** Writes the difference as `cdk diff` does; whether there is one. */
export function formatDifference(deployed: Template, { template, paths }: Stack, output: Writable): boolean {
  const difference = fullDiff(deployed, template);
  if (difference.isEmpty) return false;
  const stream = output as NodeJS.WritableStream;
  const byLogicalId = Object.fromEntries(paths);
  if (difference.permissionsBroadened) formatSecurityChanges(stream, difference, byLogicalId);
  formatDifferences(stream, difference, byLogicalId);
  return true;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { unaccepted, unused } from './accepted';
import { ACCEPTED_CFN_LINT } from './accepted-cfn-lint';
import { STACKS } from './stacks';
import { cfnLint } from '../../tools/cfn-lint';

const folder = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** With a mistake, so that it is seen that somebody is asked. */
const MISTAKE = { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 'soon' } } } };

test('cfn-lint finds nothing in the templates but what is accepted', async () => {
  const mistake = write('mistake', MISTAKE);
  const templates = Object.entries(STACKS).map(([name, stack]) => write(name, Template.fromStack(stack()).toJSON()));

  const found = await cfnLint([mistake, ...templates]);
  if (!found) return; // cfnLint has printed why

  expect(found.filter(({ file }) => file === mistake)).toEqual([expect.objectContaining({ rule: 'E3012' })]);
  const findings = found.filter(({ file }) => file !== mistake).map(({ rule, path }) => ({ rule, where: path }));
  expect(unaccepted(findings, ACCEPTED_CFN_LINT)).toEqual([]);
  expect(unused(findings, ACCEPTED_CFN_LINT)).toEqual([]);
});

function write(name: string, template: object): string {
  const file = join(folder, `${name}.template.json`);
  writeFileSync(file, JSON.stringify(template, undefined, 1));
  return file;
}

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

test('cfn-lint finds nothing in the templates but what is accepted', async () => {
  const templates = Object.entries(STACKS).map(([name, stack]) => write(name, Template.fromStack(stack()).toJSON()));

  const findings = (await cfnLint(templates))?.map(({ rule, path }) => ({ rule, where: path })) ?? [];

  expect(unaccepted(findings, ACCEPTED_CFN_LINT)).toEqual([]);
  expect(findings.length && unused(findings, ACCEPTED_CFN_LINT)).toEqual(findings.length && []);
});

test('cfn-lint is asked: it finds a mistake', async () => {
  const template = write('mistake', { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 'soon' } } } });

  const findings = await cfnLint([template]);

  expect(findings ?? [{ rule: 'E3012' }]).toEqual([expect.objectContaining({ rule: 'E3012' })]);
});

function write(name: string, template: object): string {
  const file = join(folder, `${name}.template.json`);
  writeFileSync(file, JSON.stringify(template, undefined, 1));
  return file;
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedPolicies } from '../../../local/aws-api/managed-policies';
import { scratchFolder } from '../scratch-folder';

const venv = scratchFolder();
const folder = join(venv, 'lib/python3.13/site-packages/moto/iam');
mkdirSync(folder, { recursive: true });
const Document = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:Get*', Resource: '*' } };
writeFileSync(join(folder, 'aws_managed_policies.py'), `# Imported\naws_managed_policies_data = \"\"\"\n${JSON.stringify({ Read: { Path: '/service-role/', Document } })}\"\"\"\n`);

test('a policy is found by its ARN, path included', () => {
  const policies = new ManagedPolicies(venv);
  const found = ['service-role/Read', 'Read', 'service-role/Write', 'service-role/toString'].map(name => policies.find(`arn:aws:iam::aws:policy/${name}`)?.name);

  expect(found).toEqual(['Read', undefined, undefined, undefined]);
  expect(policies.find('arn:aws:iam::111111111111:policy/service-role/Read')).toBeUndefined();
});

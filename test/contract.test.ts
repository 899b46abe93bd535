import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { defaultStack } from './default-template/stack';

const ROOT = join(__dirname, '..');
const names = [...readFileSync(join(ROOT, 'docs/contract.md'), 'utf-8').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
const runner = readdirSync(join(ROOT, 'local'), { recursive: true, encoding: 'utf-8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => readFileSync(join(ROOT, 'local', file), 'utf-8'))
  .join('\n');
const stack = defaultStack();
const assembly = (stack.node.root as App).synth();
const { template } = assembly.getStackByName(stack.stackName);
const synthesized = JSON.stringify(template) + readdirSync(assembly.directory)
  .filter(file => file.endsWith('metadata.json') || file === 'manifest.json')
  .map(file => readFileSync(join(assembly.directory, file), 'utf-8'))
  .join('\n');

test('the contract has names', () => expect(names.length).toBeGreaterThanOrEqual(10));

test.each(names)('%s is in what is synthesized and in the runner', name => {
  expect(synthesized.toLowerCase()).toContain(name.toLowerCase());
  expect(runner).toContain(name);
});

test('the runner knows no other metadata', () => {
  const known = [...new Set(runner.match(/'serverless-airflow:[a-z-]+'/g))].map(key => key.slice(1, -1));
  expect(known).toEqual(names.filter(name => name.startsWith('serverless-airflow:')));
});

import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { unaccepted, unused } from './accepted';
import { ACCEPTED_NAG } from './accepted-nag';
import { nag } from './nag';
import { STACKS } from './stacks';

describe('cdk-nag AwsSolutions', () => {
  const findings = Object.values(STACKS).flatMap(stack => nag(stack()));

  test('finds nothing but what is accepted', () => {
    expect(unaccepted(findings, ACCEPTED_NAG)).toEqual([]);
  });

  test('finds everything that is accepted', () => {
    expect(unused(findings, ACCEPTED_NAG)).toEqual([]);
  });

  test('every acceptance has a reason', () => {
    expect(ACCEPTED_NAG.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});

/** Besides the vulnerability of the default release. */
const WARNINGS: Record<string, string[]> = {
  everything: Array(4).fill('destroyable'), // data that is lost on purpose
  production: ['dockerHub', 'termination'], // what only the app can change
};

describe.each(Object.keys(STACKS))('the stack %s', name => {
  const annotations = Annotations.fromStack(STACKS[name]());
  const messages = [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())]
    .map(({ id, entry }) => `${id}: ${entry.data}`);
  const ours = /\[ack: serverless-airflow:(.*)\]$/;

  test('CDK itself has no error and no warning', () => {
    expect(messages.filter(message => !ours.test(message))).toEqual([]);
  });

  test('this library warns of what is known', () => {
    expect(messages.flatMap(message => ours.exec(message)?.[1] ?? []).sort()).toEqual(['CVE-2026-68982', ...WARNINGS[name] ?? []]);
  });
});

import { CfnParameter, Lazy } from 'aws-cdk-lib';
import { AirflowVersion, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

test('is the newest release that was run', () => {
  expect(AirflowVersion.V3_3_2.version).toBe('3.3.2');
});

test.each(['3.1.0', '3.2.1', '3.3.3', '3.10.0', '3.99.0'])('takes %s', version => {
  expect(AirflowVersion.of(version).version).toBe(version);
});

test.each(['2.11.0', '1.10.15'])('fails for %s', version => {
  expect(() => AirflowVersion.of(version)).toThrow(
    `property version must be 3.1.0 or newer, got "${version}": Airflow 2 reached its end of life on 2026-04-22`);
});

test.each(['4.0.0', '20.0.0', '0.3.3'])('fails for %s, which is not Airflow 3', version => {
  expect(() => AirflowVersion.of(version)).toThrow(`property version must be a release of Airflow 3, got "${version}"`);
});

test('fails for 3.0', () => {
  expect(() => AirflowVersion.of('3.0.6')).toThrow('property version must be 3.1.0 or newer, got "3.0.6"');
});

test.each(['', '3', '3.3', 'v3.3.2', 'latest', '3.3.2-python3.12', '3.3.2 ', '03.3.2', '3.03.2', '3.3.02', '3.3.20000'])('fails for the malformed %j', version => {
  expect(() => AirflowVersion.of(version)).toThrow(`property version must be a full release number like "3.3.2", got ${JSON.stringify(version)}`);
});

test('tokens pass', () => {
  const stack = newStack();
  const version = AirflowVersion.of(new CfnParameter(stack, 'Version').valueAsString);
  new ServerlessAirflow(stack, 'Airflow', { version });

  expect(AirflowVersion.of(Lazy.string({ produce: () => '3.3.2' })).version).toMatch(/TOKEN/);
  expect(new SynthesizedStack(stack).containers.worker.definition.Image).toEqual({ 'Fn::Join': ['', ['apache/airflow:', { Ref: 'Version' }]] });
});

test.each([
  ['3.1.0', ['22922', '28779', '30911', '25917', '45426', '48726', '33264', '58076', '68982']],
  ['3.1.8', ['25917', '33858', '45426', '48726', '33264', '58076', '68982']],
  ['3.2.1', ['41084', '45426', '48726', '33264', '58076', '68982']],
  ['3.3.0', ['58076', '68982']],
  ['3.3.2', ['68982']],
  ['3.4.0', []],
  ['3.10.0', []],
  ['3.99.0', []],
])('known vulnerabilities of %s', (version, numbers) => {
  expect(AirflowVersion.of(version)._vulnerabilities.map(({ cve }) => cve)).toEqual(numbers.map(number => `CVE-2026-${number}`));
});

describe('decides', () => {
  const worker = (version: string) => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { version: AirflowVersion.of(version) });
    return new SynthesizedStack(stack).containers.worker;
  };

  test('the image', () => {
    expect(worker('3.2.1').definition.Image).toBe('apache/airflow:3.2.1');
  });

  test('whether the measured tolerance of outages applies', () => {
    expect(worker('3.1.0').environment.AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS).toBe('1');
    expect(Object.keys(worker('3.4.0').environment).filter(name => name.startsWith('AIRFLOW__WORKERS__'))).toEqual([]);
  });
});

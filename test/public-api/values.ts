import { Duration, Size, Token } from 'aws-cdk-lib';

/** What is known at deployment only. */
const IMPORTED = { 'Fn::ImportValue': 'Value' };

/** What no property takes: neither a class nor a struct, neither a list nor an enum. */
const WRONG: Record<string, unknown> = {
  'null': null,
  'a number': 42,
  'a text': 'text',
  'true': true,
  'a function': function nothing() { return undefined; },
  'a list': [7],
  'a date': new Date(0),
};

/** Of these the values of WRONG are no mistakes. */
const RIGHT: Record<string, string[]> = { string: ['a text'], number: ['a number'], boolean: ['true'] };

/** Values at the ends of what a type can be, and beyond what is sensible. */
const BOUNDARIES: Record<string, () => unknown[]> = {
  'number': () => [-1, 0, 0.5, 1, 1.5, 2, 16, 256, 300, 512, 1024, 4096, 65536, 2 ** 31, Number.MAX_SAFE_INTEGER, NaN, Infinity, -Infinity, Token.asNumber(IMPORTED)],
  'string': () => ['', ' ', 'a', '0', '-', '.', '/', '//', 'a b', 'a/b', '/a', 'a/', 'Name',
    'Bucket', 'LogGroup', 'Default', 'Resource', '../a', 'é', '"', '\'', '$HOME', '%s',
    'a\nb', '*', 'a'.repeat(64), 'a'.repeat(99), 'a'.repeat(300), Token.asString(IMPORTED)],
  'boolean': () => [true, false],
  'Duration': () => [Duration.seconds(0), Duration.millis(1), Duration.millis(1500), Duration.seconds(1), Duration.seconds(59), Duration.minutes(1), Duration.minutes(2), Duration.hours(36),
    Duration.days(1), Duration.days(35), Duration.days(1000), Duration.seconds(Token.asNumber(IMPORTED)),
    Duration.minutes(Token.asNumber(IMPORTED)),
    Duration.days(Token.asNumber(IMPORTED))],
  'Size': () => [Size.gibibytes(0), Size.gibibytes(20), Size.gibibytes(21), Size.gibibytes(200), Size.gibibytes(201), Size.mebibytes(21 * 1024 + 1), Size.tebibytes(1),
    Size.gibibytes(Token.asNumber(IMPORTED)), Size.mebibytes(Token.asNumber(IMPORTED))],
  'RemovalPolicy': () => ['destroy', 'retain', 'snapshot', 'retain-on-update-or-delete', 'DESTROY', ''],
  'string[]': () => [[], ['a'], ['a', 'a'], [''], ['-a'], ['a b'], ['*'], ['!a'], ['a'.repeat(300)], [null],
    [Token.asString(IMPORTED)], Token.asList({ 'Fn::Split': [',', IMPORTED] })],
  '{[ key: string ]: string}': () => [{}, { A: 'x' }, { '': 'x' }, { 'A B': 'x' }, { 'A=B': 'x' }, { é: 'x' }, { A: '' }, { A: null }, { A: 1 }, { A: ['x'] },
    { A: Token.asString(IMPORTED) }, { ['A'.repeat(300)]: 'x' }, { AIRFLOW__CORE__PARALLELISM: 'x' }, { AIRFLOW__CORE__EXECUTOR: 'x' }],
  'struct': () => [{}, { unknown: 1 }, Object.create(null), { cpu: null }, { memoryLimitMiB: '1024' }],
};

const STRUCT = /^(Airflow\w+Options|aws-cdk-lib\.aws_ec2\.SubnetSelection)$/;

export function wrong(type: string): Record<string, unknown> {
  const right = STRUCT.test(type) ? ['a date'] : RIGHT[type] ?? [];
  return Object.fromEntries(Object.entries(WRONG).filter(([name]) => !right.includes(name)));
}

export function boundaries(type: string): unknown[] {
  const values = STRUCT.test(type) ? BOUNDARIES.struct : BOUNDARIES[type.replace(/^aws-cdk-lib\./, '')];
  // of classes everything is wrong but what their factories make, which the other tests give
  return values?.() ?? [undefined, Token.asAny(IMPORTED), {}];
}

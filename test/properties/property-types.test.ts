import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { DURATION, KEPT_OR_DELETED } from '../../src/properties/cdk-types';
import { BOOLEAN, listOf, mapOf, NUMBER, object, oneOf, required, shown, STRING, struct, validateType, validateTypes } from '../../src/properties/property-types';

enum Size { SMALL = 1, LARGE = 2 }

test.each([
  [STRING, 1, 'a string, got 1'],
  [STRING, '', undefined],
  [STRING, Lazy.string({ produce: () => 'a' }), undefined],
  [STRING, null, 'a string, got null: leave it out for its default'],
  [required(STRING), null, 'a string, got null'],
  [required(STRING), undefined, 'a string, got undefined'],
  [STRING, undefined, undefined],
  [NUMBER, '1', 'a number, got "1"'],
  [NUMBER, NaN, 'a number, got NaN'],
  [NUMBER, Infinity, 'a number, got Infinity'],
  [NUMBER, Lazy.number({ produce: () => 1 }), undefined],
  [BOOLEAN, 'false', 'true or false, got "false"'],
  [listOf(STRING, 'a list of strings'), ['a', 1], 'a list of strings, got ["a", 1]'],
  [listOf(STRING, 'a list of strings'), Lazy.list({ produce: () => ['a'] }), undefined],
  [mapOf(STRING, 'an object of strings'), { a: 'secret', b: 1 }, 'an object of strings, got {"a": a string, "b": 1}'],
  [mapOf(STRING, 'an object of strings'), new Map(), 'an object of strings, got an object of Map'],
  [oneOf<Size>('Size', Size as any), 3, 'one of Size.SMALL, Size.LARGE, got 3'],
  [oneOf<Size>('Size', Size as any), 'SMALL', 'one of Size.SMALL, Size.LARGE, got "SMALL"'],
  [oneOf<Size>('Size', Size as any), 2, undefined],
  [KEPT_OR_DELETED, RemovalPolicy.SNAPSHOT, 'one of RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, got "snapshot"'],
  [DURATION, 5, 'a Duration, for example Duration.minutes(1), got 5'],
  [object<Stack>('a stack', 'stackName'), Lazy.any({ produce: () => 1 }), 'a stack, got a token'],
  [object<Stack>('a stack', 'stackName'), new Stack(), undefined],
  [struct<{ size?: number }>({ size: NUMBER }), { size: 1, more: true }, undefined],
])('%j and %p: %s', (type, value, fault) => {
  const validate = () => validateType('given', value, type);

  if (fault === undefined) {
    expect(validate).not.toThrow();
  } else {
    expect(validate).toThrow(new Error(`property given must be ${fault}`));
  }
});

test('of a struct in a struct the property is named with both', () => {
  expect(() => validateTypes({ inner: { size: 'x' as any } }, { inner: required(struct({ size: required(NUMBER) })) }))
    .toThrow(new Error('property inner.size must be a number, got "x"'));
});

test('properties that are no object', () => {
  expect(() => validateTypes(null as any, {})).toThrow(new Error('property props must be an object with properties, got null: leave it out for its default'));
});

test('an error never has what is in an object', () => {
  expect(shown({ password: 'secret', nested: { password: 'secret' } })).toBe('{"password": a string, "nested": an object}');
});

import { Token } from 'aws-cdk-lib';
import { validateWholeNumber } from '../../src/properties/numbers';

test('takes whole numbers from the least to the greatest one, and tokens', () => {
  for (const value of [1, 2, 3, Token.asNumber({ Ref: 'Number' })]) {
    expect(() => validateWholeNumber('count', value, 1, 3)).not.toThrow();
  }
  expect(() => validateWholeNumber('count', 1e9, 1)).not.toThrow();
});

test.each([0, 4, 1.5, NaN, Infinity])('refuses %d', value => {
  expect(() => validateWholeNumber('count', value, 1, 3)).toThrow(new Error(`property count must be a whole number from 1 to 3, got ${value}`));
});

test('names one bound where there is one', () => {
  expect(() => validateWholeNumber('count', -1, 0)).toThrow(new Error('property count must be a whole number from 0, got -1'));
});

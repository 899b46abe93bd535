import { Template } from 'aws-cdk-lib/assertions';
import { EXCLUSIONS } from './exclusions';
import { report } from './report';
import { LEAST_SCORE, score } from './systematic';
import { defaultStack } from '../default-template/stack';

const result = score(Template.fromStack(defaultStack()).toJSON());

test(`${LEAST_SCORE * 100} % of all values of the default template cannot be deleted or changed unnoticed`, () => {
  const enough = result.caught / result.total >= LEAST_SCORE;

  expect(enough ? '' : report(result)).toBe('');
});

test('there are thousands of mutants', () => {
  expect(result.total).toBeGreaterThan(3000);
});

test.each(EXCLUSIONS.map(({ reason, pattern }, index) => ({ reason, pattern, index })))('left out is $pattern: $reason', ({ index }) => {
  expect(result.uses[index]).toBeGreaterThan(0);
});

import { holds } from '../../../local/iam/conditions';
import { Unknown } from '../../../local/iam/matching';

const context = new Map<string, string | string[] | undefined>([
  ['s3:prefix', 'logs/dag'],
  ['absent', undefined],
  ['secure', 'true'],
  ['cluster', 'arn:aws:ecs:eu-west-1:1:cluster/Airflow'],
  ['version', '1.3'],
  ['now', '2026-11-28T12:00:00Z'],
  ['tags', ['a', 'b']],
]);

test.each<[string, string, string[], boolean]>([
  ['StringEquals', 's3:prefix', ['logs/dag'], true],
  ['StringEquals', 's3:prefix', ['logs/*'], false],
  ['StringEquals', 'S3:Prefix', ['no', 'logs/dag'], true],
  ['StringEqualsIgnoreCase', 's3:prefix', ['LOGS/dag'], true],
  ['StringNotEquals', 's3:prefix', ['logs/dag', 'other'], false],
  ['StringNotEquals', 's3:prefix', ['other'], true],
  ['StringLike', 's3:prefix', ['logs/*'], true],
  ['StringLike', 's3:prefix', ['dags/*'], false],
  ['StringNotLike', 's3:prefix', ['dags/*'], true],
  ['ArnLike', 'cluster', ['arn:aws:ecs:*:1:cluster/*'], true],
  ['ArnLike', 'cluster', ['arn:aws:*:1:cluster/*'], false], // a wildcard stays in its part
  ['ArnEquals', 'cluster', ['arn:aws:ecs:eu-west-1:1:cluster/Other'], false],
  ['ArnNotEquals', 'cluster', ['arn:aws:ecs:eu-west-1:1:cluster/Other'], true],
  ['Bool', 'secure', ['True'], true],
  ['Bool', 'secure', ['false'], false],
  ['NumericLessThan', 'version', ['1.2'], false],
  ['NumericGreaterThanEquals', 'version', ['1.3'], true],
  ['NumericNotEquals', 'version', ['1.2'], true],
  ['DateGreaterThan', 'now', ['2026-11-27T00:00:00Z'], true],
  ['DateLessThan', 'now', ['1700000000'], false],
  ['Null', 'absent', ['true'], true],
  ['Null', 's3:prefix', ['true'], false],
  ['StringLike', 'absent', ['*'], false],
  ['StringNotLike', 'absent', ['*'], true],
  ['StringLikeIfExists', 'absent', ['x'], true],
  ['StringLikeIfExists', 's3:prefix', ['x'], false],
  ['ForAnyValue:StringEquals', 'tags', ['b'], true],
  ['ForAnyValue:StringEquals', 'absent', ['b'], false],
  ['ForAllValues:StringEquals', 'tags', ['b'], false],
  ['ForAllValues:StringLike', 'tags', ['*'], true],
  ['ForAllValues:StringEquals', 'absent', ['b'], true],
])('%s of %s with %j: %s', (operator, key, values, expected) => {
  expect(holds({ operator, key, values }, context)).toBe(expected);
});

test.each<[string, string, string]>([
  ['StringEquals', 'aws:SourceVpc', 'the condition key aws:SourceVpc has no value locally'],
  ['StringEqualsIfExists', 'aws:SourceVpc', 'the condition key aws:SourceVpc has no value locally'],
  ['IpAddress', 's3:prefix', 'the condition operator IpAddress is not evaluated locally'],
  ['StringIs', 's3:prefix', 'the condition operator StringIs is not evaluated locally'],
])('%s of %s is unknown', (operator, key, reason) => {
  expect(holds({ operator, key, values: ['x'] }, context)).toEqual(new Unknown(reason));
});

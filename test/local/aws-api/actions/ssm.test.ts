import { actionsOfSsm } from '../../../../local/aws-api/actions/ssm';

const PREFIX = 'arn:aws:ssm:eu-west-1:111111111111';

test('reading needs a permission for each parameter', () => {
  expect(actionsOfSsm('GetParameter', { Name: '/a/b' }, PREFIX)).toEqual([{ action: 'ssm:GetParameter', resource: `${PREFIX}:parameter/a/b` }]);
  expect(actionsOfSsm('GetParameters', { Names: ['/a', 'b'] }, PREFIX)).toEqual([
    { action: 'ssm:GetParameters', resource: `${PREFIX}:parameter/a` }, { action: 'ssm:GetParameters', resource: `${PREFIX}:parameter/b` },
  ]);
});

test('other operations are not known', () => {
  expect(actionsOfSsm('PutParameter', { Name: '/a' }, PREFIX)).toBeUndefined();
});

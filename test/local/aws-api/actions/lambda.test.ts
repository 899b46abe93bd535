import { actionsOfLambda } from '../../../../local/aws-api/actions/lambda';

const PREFIX = 'arn:aws:lambda:eu-west-1:111111111111';
const pairs = (method: string, path: string) => actionsOfLambda(method, path, PREFIX)?.map(({ action, resource }) => `${action} ${resource}`);

test('a function is invoked by its name or its ARN', () => {
  expect(pairs('POST', '/2015-03-31/functions/migration/invocations')).toEqual([`lambda:InvokeFunction ${PREFIX}:function:migration`]);
  expect(pairs('POST', `/2015-03-31/functions/${encodeURIComponent(`${PREFIX}:function:migration`)}/invocations`))
    .toEqual([`lambda:InvokeFunction ${PREFIX}:function:migration`]);
});

test('other operations are not known', () => {
  expect(pairs('GET', '/2015-03-31/functions/migration')).toBeUndefined();
  expect(pairs('DELETE', '/2015-03-31/functions/migration/invocations')).toBeUndefined();
});

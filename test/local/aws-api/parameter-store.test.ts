import { ParameterStore } from '../../../local/aws-api/parameter-store';

const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/a/b';
const parameter = { arn, name: '/a/b', type: 'String', value: '1' };
const store = () => {
  const parameters = new ParameterStore();
  parameters.put(parameter);
  return parameters;
};

test('a parameter is found by name, by ARN and with its version', () => {
  expect(['/a/b', arn, '/a/b:1', '/a/b:2', '/a'].map(name => store().find(name)?.value)).toEqual(['1', '1', '1', undefined, undefined]);
});

test('each value is a version', () => {
  const parameters = store();
  parameters.put({ ...parameter, value: '2' });

  expect(JSON.parse(parameters.handle('GetParameter', { Name: '/a/b' }).body)).toEqual({
    Parameter: { Name: '/a/b', ARN: arn, Type: 'String', Value: '2', Version: 2, DataType: 'text' },
  });
});

test('what is not there is told as Systems Manager does', () => {
  expect(store().handle('GetParameter', { Name: '/x' })).toEqual({ statusCode: 400, body: '{"__type":"ParameterNotFound"}' });
  expect(JSON.parse(store().handle('GetParameters', { Names: ['/x', '/a/b'] }).body)).toMatchObject({ InvalidParameters: ['/x'], Parameters: [{ Value: '1' }] });
});

test('other operations are refused by name', () => {
  expect(store().handle('PutParameter', {})).toEqual({ statusCode: 400, body: expect.stringContaining('no operation PutParameter') });
});

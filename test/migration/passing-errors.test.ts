import { describe as text, isPassing, NotPlaced } from '../../src/migration/passing-errors';

const awsError = (name: string, message: string, httpStatusCode = 400) => Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

test.each<[Error, number, boolean]>([
  [new NotPlaced('RESOURCE:FARGATE'), 1000, true],
  [awsError('ServerException', 'Service Unavailable', 503), 1000, true],
  [awsError('ThrottlingException', 'Rate exceeded'), 1000, true],
  [awsError('LimitExceededException', 'You have reached the limit on the number of vCPUs'), 1000, true],
  [awsError('ClientException', 'ECS was unable to assume the role'), 1000, true],
  [awsError('InvalidParameterException', 'Unable to assume the service linked role. Please verify that the ECS service linked role exists.'), 1000, true],
  [Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }), 1000, true],
  [awsError('AccessDeniedException', 'not authorized to perform: ecs:ListTasks'), 119, true],
  [awsError('AccessDeniedException', 'not authorized to perform: ecs:ListTasks'), 120, false],
  [awsError('ClientException', 'TaskDefinition is inactive'), 0, false],
  [awsError('ClusterNotFoundException', 'Cluster not found.'), 0, false],
  [awsError('InvalidParameterException', 'No Container Instances were found in your cluster.'), 0, false],
  [new TypeError('x is not a function'), 0, false],
])('%s after %d s passes: %s', (error, seconds, passing) => {
  expect(isPassing(error, seconds)).toBe(passing);
});

test('an error is described with its name, and why a task has no place without one', () => {
  expect(text(awsError('ClientException', 'TaskDefinition is inactive'))).toBe('ClientException: TaskDefinition is inactive');
  expect(text(new NotPlaced('RESOURCE:FARGATE'))).toBe('RESOURCE:FARGATE');
});

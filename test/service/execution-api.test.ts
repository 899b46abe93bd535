import { AirflowPreset, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

// The API that running tasks report to, as a service of its own.

function synthesize(executionApi?: object) {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow', { executionApi });
  airflow.addWorkerPool('Etl', { queues: ['etl'] });
  return { airflow, synthesized: new SynthesizedStack(stack) };
}

const { airflow: plainAirflow, synthesized: plain } = synthesize();
const { airflow, synthesized } = synthesize({});

test('it is one more service, and there is nothing else that is new', () => {
  const added = Object.entries(synthesized.resources).filter(([id]) => !(id in plain.resources)).map(([id, { Type }]) => `${Type} ${id.replace(/[0-9A-F]{8}$/, '')}`);

  expect(added.filter(name => !name.includes('SecurityGroupEgress') && !name.includes('SecurityGroupIngress')).sort()).toEqual([
    'AWS::EC2::SecurityGroup AirflowExecutionApiSecurityGroup',
    'AWS::ECS::Service AirflowExecutionApiService',
    'AWS::ECS::TaskDefinition AirflowExecutionApiTaskDefinition',
    'AWS::IAM::Policy AirflowExecutionApiTaskDefinitionExecutionRoleDefaultPolicy',
    'AWS::IAM::Role AirflowExecutionApiTaskDefinitionExecutionRole',
    'AWS::IAM::Role AirflowExecutionApiTaskRole',
    'AWS::ServiceDiscovery::Service AirflowExecutionApiServiceCloudmapService',
  ]);
  expect([airflow.executionApi?.component.name, plainAirflow.executionApi]).toEqual(['execution-api', undefined]);
});

test('what it runs, and its size', () => {
  const { taskDefinition, definition: { Command, StopTimeout, PortMappings, HealthCheck }, healthCheck } = synthesized.containers['execution-api'];
  const { Cpu, Memory } = synthesized.resources[taskDefinition].Properties;

  expect({ Command, StopTimeout, PortMappings, healthCheck, Cpu, Memory }).toEqual({
    Command: ['api-server', '--apps', 'execution'],
    StopTimeout: 60,
    PortMappings: [{ ContainerPort: 8080, Protocol: 'tcp' }], // nobody opens it
    healthCheck: 'curl -fsS -m 5 http://localhost:8080/execution/health',
    Cpu: '512',
    Memory: '1024',
  });
  expect(HealthCheck).toMatchObject({ Interval: 30, Timeout: 10, Retries: 10, StartPeriod: 120 });
});

test('it knows the database, and what tasks ask for and are known by: nothing of logs and sessions', () => {
  const { secrets, environment } = synthesized.containers['execution-api'];
  const { secrets: ofWebServer, environment: web } = synthesized.containers['web-server'];
  const without = ({ AIRFLOW__API__SECRET_KEY: _, ...rest }: Record<string, string>) => rest;

  expect(secrets).toEqual(without(ofWebServer));
  expect(Object.keys(secrets).sort()).toEqual(['AIRFLOW_DB_PASSWORD', 'AIRFLOW__API_AUTH__JWT_SECRET', 'AIRFLOW__CORE__FERNET_KEY']);
  expect(Object.keys(web).filter(name => !(name in environment)).sort()).toEqual([
    'AIRFLOW__API__EXPOSE_CONFIG', 'AIRFLOW__FAB__ENABLE_PROXY_FIX', 'AIRFLOW__LOGGING__DELETE_LOCAL_LOGS', 'AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER',
    'AIRFLOW__LOGGING__REMOTE_LOGGING', 'AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID', 'FORWARDED_ALLOW_IPS',
  ]);
  expect(Object.keys(environment).filter(name => !(name in web))).toEqual([]);
  expect(synthesized.permissions('execution-api', 'TaskRoleArn')).toEqual([]);
});

test('workers reach it alone, under its name', () => {
  const rules = (stack: SynthesizedStack) => stack.connections().filter(rule => !rule.endsWith('/0:443'));
  const before = rules(plain);
  const after = rules(synthesized);

  expect(after.filter(rule => !before.includes(rule))).toEqual([
    'Airflow: execution-api -> Airflow: database:5432', 'Airflow: worker -> Airflow: execution-api:8080', 'Airflow: worker-etl -> Airflow: execution-api:8080',
  ]);
  expect(before.filter(rule => !after.includes(rule))).toEqual(['Airflow: worker -> Airflow: web-server:8080', 'Airflow: worker-etl -> Airflow: web-server:8080']);
  const urls = (stack: SynthesizedStack) => ['worker', 'worker-etl'].map(worker => stack.containers[worker].environment.AIRFLOW__CORE__EXECUTION_API_SERVER_URL);
  expect(urls(plain)).toEqual(Array(2).fill('http://webserver.airflow:8080/execution/'));
  expect(urls(synthesized)).toEqual(Array(2).fill('http://execution-api.airflow:8080/execution/'));
  const { Properties } = synthesized.ofType('AWS::ServiceDiscovery::Service').find(([id]) => id.includes('ExecutionApi'))![1];
  expect(Properties.Name).toBe('execution-api');
});

test('the web server no longer has that API, and is the same otherwise', () => {
  const definition = ({ containers }: SynthesizedStack) => {
    const { Command, HealthCheck, Environment, ...rest } = containers['web-server'].definition;
    return { Command, check: containers['web-server'].healthCheck, rest };
  };
  const { Command, check, rest } = definition(synthesized);

  expect([Command, check]).toEqual([['api-server', '--apps', 'core', '--proxy-headers'], 'curl -fsS -m 5 http://localhost:8080/api/v2/version']);
  expect(rest).toEqual(definition(plain).rest);
});

test('there are as many as a preset or an option says', () => {
  const count = (preset: AirflowPreset | undefined, executionApi: object) => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { preset, executionApi });
    return new SynthesizedStack(stack).service('execution-api').Properties.DesiredCount;
  };

  expect([synthesized.service('execution-api').Properties.DesiredCount, count(AirflowPreset.PRODUCTION, {}), count(undefined, { desiredCount: 3 })]).toEqual([1, 2, 3]);
});

test.each([
  [null, 'property executionApi must be an object with properties, got null: leave it out for its default'],
  [{ cpu: '512' }, 'property executionApi.cpu must be a number, got "512"'],
])('fails for %j', (executionApi: any, message) => {
  expect(() => synthesize(executionApi)).toThrow(message);
});

import { Lazy } from 'aws-cdk-lib';
import { ServerlessAirflow, ServerlessAirflowProps } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

test('settings are variables of every container of Airflow, and what one component is given wins', () => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', {
    airflowConfig: { core: { default_timezone: 'Europe/Berlin', max_active_tasks_per_dag: '8' }, celery_broker_transport_options: { socket_timeout: '20' } },
    environment: { TZ: 'Europe/Berlin' },
    scheduler: { environment: { AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG: '4' } },
  });
  const { redis, databases, ...airflow } = new SynthesizedStack(stack).containers;

  for (const [name, { environment }] of Object.entries(airflow)) {
    expect([name, environment]).toEqual([name, expect.objectContaining({
      TZ: 'Europe/Berlin',
      AIRFLOW__CORE__DEFAULT_TIMEZONE: 'Europe/Berlin',
      AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG: name === 'scheduler' ? '4' : '8',
      AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT: '20',
    })]);
  }
});

test.each<[Partial<Record<keyof ServerlessAirflowProps, any>>, string]>([
  [{ airflowConfig: { core: { executor: 'LocalExecutor' } } }, 'property airflowConfig must not contain AIRFLOW__CORE__EXECUTOR: tasks run by the CeleryExecutor'],
  [{ airflowConfig: { webserver: { secret_key: 'x' } } }, 'property airflowConfig must not contain AIRFLOW__WEBSERVER__SECRET_KEY: use property secrets'],
  [{ airflowConfig: { api: { base_url: 'https://a/b' } } }, 'property airflowConfig must have a URL without a path in AIRFLOW__API__BASE_URL'],
  [{ airflowConfig: { core: { fernet_key_cmd: 'x' } } }, 'property airflowConfig must not contain AIRFLOW__CORE__FERNET_KEY_CMD: use property fernetKey'],
  [{ airflowConfig: { 'core]': { a: 'x' } } }, 'property airflowConfig must have names of sections and keys as airflow.cfg has them, letters, digits, "_" and ".", got "core]"'],
  [{ airflowConfig: { core: { a__b: 'x' } } }, 'got "a__b"'],
  [{ airflowConfig: { core: { [Lazy.string({ produce: () => 'a' })]: 'x' } } }, 'got a token'],
  [{ airflowConfig: { core: { parallelism: 64 } } }, 'property airflowConfig must be an object of sections, each an object of strings by the name of the key, got {"core": an object}'],
  [{ airflowConfig: { core: { parallelism: '64' } }, environment: { AIRFLOW__CORE__PARALLELISM: '32' } },
    'property environment must not contain AIRFLOW__CORE__PARALLELISM: it follows from property airflowConfig'],
])('fails for %j', (props, message) => {
  expect(() => new ServerlessAirflow(newStack(), 'Airflow', props)).toThrow(message);
});

import { Token } from 'aws-cdk-lib';
import { flowerPrefix, validateVariables } from '../../src/container/reserved-variables';

const refused = (variables: Record<string, unknown>) => () => validateVariables('environment', variables);

describe('what health checks and the rules of security groups have in them', () => {
  test.each([
    ['AIRFLOW__API__HOST', 'the health check asks that address'],
    ['AIRFLOW__API__PORT', 'health checks and the rules of security groups have that port'],
    ['AIRFLOW__API__SSL_CERT', 'TLS ends at a load balancer: other components and the health check speak plain HTTP'],
    ['AIRFLOW__API__SSL_KEY', 'TLS ends at a load balancer: other components and the health check speak plain HTTP'],
    ['AIRFLOW__CELERY__FLOWER_HOST', 'the health check asks that address'],
    ['AIRFLOW__CELERY__FLOWER_PORT', 'health checks and the rules of security groups have that port'],
    ['AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT', 'health checks and the rules of security groups have that port'],
    ['AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT', 'health checks and the rules of security groups have that port'],
    ['AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST', 'the health check asks that address'],
    ['AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT', 'health checks and the rules of security groups have that port'],
    ['AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC', 'health checks look for a heartbeat within the last minute'],
    ['AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC', 'health checks look for a heartbeat within the last minute'],
    ['AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA', 'health checks read the default schema'],
    ['AIRFLOW__CELERY__SSL_ACTIVE', 'use property broker'],
    ['AIRFLOW__CELERY__WORKER_ENABLE_REMOTE_CONTROL', 'the health check of workers asks them by it'],
    ['AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__GLOBAL_KEYPREFIX', 'the health check of workers asks them without a prefix'],
    ['FLOWER_PORT', 'use the AIRFLOW__CELERY__FLOWER_… settings, which the health check follows'],
    ['FLOWER_ADDRESS', 'use the AIRFLOW__CELERY__FLOWER_… settings, which the health check follows'],
    ['FLOWER_UNIX_SOCKET', 'use the AIRFLOW__CELERY__FLOWER_… settings, which the health check follows'],
    ['FLOWER_URL_PREFIX', 'use the AIRFLOW__CELERY__FLOWER_… settings, which the health check follows'],
    ['FLOWER_CERTFILE', 'TLS ends at a load balancer: other components and the health check speak plain HTTP'],
    ['FLOWER_KEYFILE', 'TLS ends at a load balancer: other components and the health check speak plain HTTP'],
    ['FLOWER_BASIC_AUTH', 'use property secrets'],
  ])('%s is refused', (name, instead) => {
    expect(refused({ [name]: 'x' })).toThrow(`property environment must not contain ${name}: ${instead}`);
  });
});

describe('a name from an earlier release', () => {
  test.each([
    ['AIRFLOW__WEBSERVER__WEB_SERVER_PORT', 'health checks and the rules of security groups have that port'],
    ['AIRFLOW__WEBSERVER__WEB_SERVER_HOST', 'the health check asks that address'],
    ['AIRFLOW__WEBSERVER__WEB_SERVER_SSL_CERT', 'TLS ends at a load balancer: other components and the health check speak plain HTTP'],
    ['AIRFLOW__WEBSERVER__WEB_SERVER_SSL_KEY', 'TLS ends at a load balancer: other components and the health check speak plain HTTP'],
    ['AIRFLOW__WEBSERVER__SECRET_KEY', 'use property secrets'],
    ['AIRFLOW__WEBSERVER__SECRET_KEY_CMD', 'use property secrets'],
    ['AIRFLOW__WORKERS__EXECUTION_API_SERVER_URL', 'it is the private name of the web server'],
    ['AIRFLOW__CORE__SQL_ALCHEMY_CONN', 'use property database'],
    ['AIRFLOW__WEBSERVER__BASE_URL', 'give AIRFLOW__API__BASE_URL in property environment, because its value has to be known'],
  ])('%s is refused as the new one', (name, instead) => {
    expect(refused({ [name]: 'x' })).toThrow(`property environment must not contain ${name}: ${instead}`);
  });
});

describe('the address that people open', () => {
  test.each([
    'https://airflow.example.com', 'https://airflow.example.com/', 'http://10.0.0.1:8080', Token.asString({ Ref: 'Url' }),
  ])('may be %s', url => {
    expect(refused({ AIRFLOW__API__BASE_URL: url })).not.toThrow();
  });

  test.each([
    'https://example.com/airflow', 'https://example.com/airflow/', '/airflow', 'airflow.example.com', '',
  ])('must have no path, as %s has', url => {
    expect(refused({ AIRFLOW__API__BASE_URL: url })).toThrow(
      'property environment must have a URL without a path in AIRFLOW__API__BASE_URL, such as https://airflow.example.com, got '
      + `${JSON.stringify(url)}: workers and the health check ask the web server at its root, so give it a host name of its own`);
  });

  test.each(['AIRFLOW__API__BASE_URL', 'AIRFLOW__CELERY__FLOWER_URL_PREFIX'])('%s is no secret', name => {
    expect(() => validateVariables('secretEnvironment', { [name]: { arn: 'arn' } }))
      .toThrow(`property secretEnvironment must not contain ${name}: give ${name} in property environment, because its value has to be known`);
  });
});

describe('the prefix of Flower', () => {
  const setting = 'AIRFLOW__CELERY__FLOWER_URL_PREFIX';
  const token = Token.asString({ Ref: 'Prefix' });

  test.each([
    [{}, ''],
    [{ [setting]: '' }, ''],
    [{ [setting]: '/' }, ''],
    [{ [setting]: 'flower' }, '/flower'],
    [{ [setting]: '/tools/flower/' }, '/tools/flower'],
    [{ [setting]: token }, `/${token}`],
  ])('%j is the path %s', (environment: Record<string, string>, prefix) => {
    expect(refused(environment)).not.toThrow();
    expect(flowerPrefix(environment)).toBe(prefix);
  });

  test.each(['/a b', '$(id)', '/flower?x', '/a;b'])('must not be %s, which a shell would read', prefix => {
    expect(refused({ [setting]: prefix })).toThrow(
      `property environment must have letters, digits, "_", "-", "." and "/" only in ${setting}, got ${JSON.stringify(prefix)}`);
  });
});

import { Token } from 'aws-cdk-lib';
import { connectionsOfPool, maxConnections, setting } from '../../src/database/connection-budget';

const token = Token.asNumber({ Ref: 'Capacity' });

test.each([[1, 1, 189], [1, 4, 823], [1, 8, 1669], [1, 16, 3360], [1, 32, 5000], [1, 256, 5000], [0.5, 16, 2000], [0, 4, 823]])(
  'from %d to %d capacity units: %d connections', (min, max, connections) => {
    expect(maxConnections(min, max)).toBe(connections);
  });

test('nothing is known of tokens', () => {
  expect([maxConnections(token, 4), maxConnections(1, token)]).toEqual([undefined, undefined]);
});

test('pools follow the settings of Airflow, where they are numbers', () => {
  const size = 'AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE';
  const environments: Record<string, string>[] = [{}, { [size]: '20' }, { [size]: '20', AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW: '0' }, { [size]: 'x' }, { [size]: Token.asString({ Ref: 'Size' }) }];

  expect(environments.map(connectionsOfPool)).toEqual([15, 30, 20, 15, 15]);
  expect(setting({ AIRFLOW__API__WORKERS: '4' }, 'AIRFLOW__API__WORKERS', 1)).toBe(4);
});

import { spawnSync } from 'node:child_process';
import { ADMIN, DATABASES } from '../../src/migration/programs';

describe.each([['databases', DATABASES], ['admin', ADMIN]])('%s', (_name, script) => {
  test('is valid Python', () => {
    const { status, stderr } = spawnSync('python3', ['-c', 'import sys; compile(sys.stdin.read(), "script", "exec")'], { input: script, encoding: 'utf-8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('takes every password from the environment', () => {
    expect([...script.matchAll(/password=(.*?),?$/gm)].map(([, value]) => value)).toEqual([expect.stringMatching(/^os\.environ\['AIRFLOW_DB_.*PASSWORD'\]$/)]);
  });

  test('connects with TLS only', () => {
    expect(script.match(/psycopg2\.connect\(/g)).toHaveLength(1);
    expect(script.match(/sslmode=.*?(?=[,)])/g)).toEqual(["sslmode=os.environ['PGSSLMODE']"]);
  });
});

test('databases fails with a master user that has the name of a database', () => {
  const modules = 'import sys, types\n'
    + 'sys.modules.update({name: types.SimpleNamespace(sql=None, encrypt_password=None) for name in ["psycopg2", "psycopg2.extensions"]})\n';
  const { status, stderr } = spawnSync('python3', ['-c', modules + DATABASES, 'localhost', '5432'], {
    encoding: 'utf-8',
    env: { PATH: process.env.PATH, AIRFLOW_DB_MASTER_USERNAME: 'airflow', AIRFLOW_DB_PASSWORD: 'x', AIRFLOW_RESULT_DB_PASSWORD: 'x' },
  });

  expect(status).toBe(1);
  expect(stderr).toContain('the master user must not be called airflow');
});

import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Images } from '../../local/ecs/image';
import { virtualEnvironment } from '../../local/install/python';
import { AirflowSecret, AirflowSecrets, ServerlessAirflow } from '../../src';
import { scratchFolder } from '../local/scratch-folder';
import { storeSoftware } from '../local/software';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';
import { almost, anyPasswords } from '../secrets/any-password';

// The template's commands with a real server and Celery's client of it, for passwords that users may bring.
const CLIENT = `
import contextlib, io, json, os, shlex, sys, time
import kombu
ONCE = {'max_retries': 1, 'interval_start': 0, 'interval_step': 0}
def opens(command, host, password):
    os.environ['AIRFLOW_REDIS_PASSWORD'] = password
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(shlex.split(command)[2])
    deadline = time.monotonic() + 120
    while True:
        try:
            with kombu.Connection(output.getvalue().replace('redis.airflow', host), transport_options=ONCE) as connection:
                connection.default_channel.client.ping()
            return True
        except Exception as error:
            if 'refused' not in str(error):
                return False if 'Authentication' in type(error).__name__ or 'invalid username-password' in str(error) else repr(error)
            assert time.monotonic() < deadline, error
            time.sleep(0.1)
command, cases = json.load(sys.stdin)
json.dump([[opens(command, host, password) for password in passwords] for host, passwords in cases], sys.stdout)
`;
const folder = scratchFolder();
const servers: ChildProcess[] = [];
afterAll(async () => Promise.all(servers.map(server => server.kill() && once(server, 'exit'))));

test('Redis takes any password, and nothing that is like it', async () => {
  const software = await storeSoftware();
  const lockFile = join(__dirname, '../migration/programs.lock');
  const python = join(await virtualEnvironment('migration-programs', '', software.python, () => {}, { lockFile }), 'bin', 'python');
  new Images({ airflowVenvs: {}, servicesVenv: software.services, folder });
  const stack = newStack();
  const broker = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Broker', 'broker'));
  new ServerlessAirflow(stack, 'Airflow', { secrets: new AirflowSecrets(stack, 'Secrets', { broker }) });
  const { redis, worker } = new SynthesizedStack(stack).containers;

  const passwords = anyPasswords(10);
  const net = `127.${1 + process.pid % 250}.${Math.floor(process.pid / 250) % 250}`;
  const cases = passwords.map((password, index) => {
    const host = `${net}.${index + 1}`;
    const [command, ...argv] = redis.definition.Command;
    servers.push(spawn(command, argv, { stdio: 'ignore', env: { PATH: `${folder}/bin:${process.env.PATH}`, REDIS_PASSWORD: password, LOOPBACK_ADDRESS: host } }));
    return [host, [password, ...almost(password).filter(text => text !== '')]] as const;
  });
  const input = JSON.stringify([worker.environment.AIRFLOW__CELERY__BROKER_URL_CMD, cases]);
  const { stdout, stderr } = spawnSync(python, ['-c', CLIENT], { input, encoding: 'utf-8' });

  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(cases.map(([, [, ...others]]) => [true, ...others.map(() => false)]));
});

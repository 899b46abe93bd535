import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeCluster, PATIENT, SECRET } from './cluster-fixture';

describeCluster('task', cluster => {
  test('containers run one after another by dependsOn SUCCESS', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(
      cluster.container('databases', 'sleep 0.3; echo one', { essential: false }),
      cluster.container('migrate', 'echo two', { essential: false, dependsOn: [{ containerName: 'databases', condition: 'SUCCESS' }] }),
      cluster.container('admin', 'echo three', { dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] }),
    ));
    expect(task).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'databases', exitCode: 0 }, { name: 'migrate', exitCode: 0 }, { name: 'admin', exitCode: 0 }],
    });
    expect(cluster.logOf(task, 'databases') + cluster.logOf(task, 'migrate') + cluster.logOf(task, 'admin')).toBe('one\ntwo\nthree\n');
  });

  test('a volume that one container opens is for the other one to write to', async () => {
    const mountPoints = [{ volume: 'disk', containerPath: '/tmp', readOnly: false }];
    const write = 'cd ${TMPDIR:-/tmp} && echo content > file && cat file && stat -c %a .';
    const task = await cluster.runTask(cluster.taskDefinition(
      cluster.container('prepare', '', {
        essential: false, user: '0:0', entryPoint: ['chmod', '1777', '/tmp'], command: undefined, mountPoints, readonlyRootFilesystem: true,
      }),
      cluster.container('main', write, { mountPoints, readonlyRootFilesystem: true, dependsOn: [{ containerName: 'prepare', condition: 'SUCCESS' }] }),
    ));

    expect(task.containers).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
    expect(cluster.logOf(task, 'main')).toBe('content\n1777\n');
    if (cluster.level === 'root') {
      const closed = await cluster.runTask(cluster.taskDefinition(cluster.container('main', write, { mountPoints, readonlyRootFilesystem: true })));
      expect(cluster.logOf(closed, 'main')).toContain('Permission denied');
    }
  });

  test('reports as the agent does, with 143, what depends on the success of a container that fails', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(
      cluster.container('databases', 'exit 3', { essential: false }),
      cluster.container('migrate', 'echo never', { essential: false, dependsOn: [{ containerName: 'databases', condition: 'SUCCESS' }] }),
      cluster.container('admin', 'echo never', { dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] }),
    ));
    expect(task).toMatchObject({ stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' });
    expect(task.containers.map(({ exitCode, reason }) => [exitCode, reason?.split(':')[0]])).toEqual([
      [3, undefined], [143, 'CannotStartContainerError'], [143, 'CannotStartContainerError'],
    ]);
    expect(task.containers[1].reason).toContain('container databases ended with exit code 3');
  });

  test('a container that ends is started again by its restart policy, when it has run for long enough and unless its exit code is ignored', async () => {
    const count = (name: string, code: number, attemptPeriod: number) => cluster.container(name, `echo started; sleep 0.2; exit ${code}`, {
      essential: false, restart: { ignoredExitCodes: [7], attemptPeriod },
    });
    const task = await cluster.runTask(cluster.taskDefinition(count('again', 3, 1), count('ignored', 7, 1), count('early', 3, 3600), cluster.container('main', 'sleep 2')));
    const starts = (name: string) => cluster.logOf(task, name).match(/started/g)!.length;

    expect(starts('again')).toBeGreaterThan(1);
    expect([starts('ignored'), starts('early')]).toEqual([1, 1]);
    expect(task.containers.map(({ name, exitCode }) => [name, exitCode === undefined]).filter(([, running]) => running)).toEqual([]);
  });

  test('START, COMPLETE and HEALTHY are waited for', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(
      cluster.container('first', 'sleep 0.2; exit 1', { essential: false }),
      cluster.container('server', 'sleep 0.2; touch ready; sleep 600', { essential: false, healthCheck: { ...PATIENT, command: ['CMD-SHELL', 'test -e ready'] } }),
      cluster.container('main', 'echo main', {
        dependsOn: [
          { containerName: 'first', condition: 'COMPLETE' },
          { containerName: 'server', condition: 'HEALTHY' },
        ],
      }),
    ));
    expect(task.containers).toMatchObject([{ exitCode: 1 }, { exitCode: 143 }, { exitCode: 0 }]);
  });

  test('an ending essential container stops the others, by SIGKILL after their stop timeout', async () => {
    const healthCheck = { ...PATIENT, command: ['CMD-SHELL', 'test -e ready'] };
    const task = await cluster.runTask(cluster.taskDefinition(
      cluster.container('stubborn', 'trap "" TERM; touch ready; while :; do sleep 0.1; done', { essential: false, healthCheck, stopTimeout: 2 }),
      cluster.container('polite', 'trap "exit 9" TERM; touch ready; while :; do sleep 0.1; done', { essential: false, healthCheck, stopTimeout: 119 }),
      cluster.container('main', 'exit 4', {
        dependsOn: [
          { containerName: 'stubborn', condition: 'HEALTHY' },
          { containerName: 'polite', condition: 'HEALTHY' },
        ],
      }),
    ));
    expect(task.containers.map(({ exitCode }) => exitCode)).toEqual([137, 9, 4]);
    expect(await cluster.order('sleeps')).toEqual(expect.arrayContaining([2000, 119_000]));
  });

  test('environment: image, definition, secrets, Fargate', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container('main', 'env | sort', {
      environment: { AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor', DUMB_INIT_SETSID: '0' },
      secrets: {
        WHOLE: SECRET,
        PASSWORD: `${SECRET}:password::`,
        PORT: `${SECRET}:port::`,
        OLD: `${SECRET}:password:AWSPREVIOUS:`,
      },
    })));
    const environment = Object.fromEntries(cluster.logOf(task, 'main').trim().split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    const home = (path: string) => cluster.level === 'loopback' ? expect.stringContaining(path.slice(1).replace('/', '-')) : path;
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
      [cluster.level === 'loopback' ? 'AWS_CONTAINER_CREDENTIALS_FULL_URI' : 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']: expect.stringMatching(/\/v2\/credentials\/[0-9a-f]{32}$/),
    });
    expect(Object.keys(environment).filter(name => /AWS_(ACCESS|SECRET|SESSION)/.test(name))).toEqual([]);
  });

  test('the interpreter that is in no virtual environment is the next on the PATH', async () => {
    const script = '"$(echo "$PATH" | cut -d: -f2)/python" -c "import sys; print(sys.prefix == sys.base_prefix)"';
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container('main', script)));
    expect(cluster.logOf(task, 'main')).toBe('True\n');
  });

  if (cluster.level !== 'loopback') {
    test('a read-only root and tmpfs mounts are those of the definition', async () => {
      const tmpfs = [{ containerPath: '/tmp', size: 1, mountOptions: [] }];
      const write = 'for folder in /tmp /opt/airflow; do (: > $folder/x) 2> /dev/null && echo $folder; done; true';
      const task = await cluster.runTask(cluster.taskDefinition(
        cluster.container('writable', write, { essential: false, tmpfs }),
        cluster.container('read-only', write, { readonlyRootFilesystem: true, tmpfs, dependsOn: [{ containerName: 'writable', condition: 'COMPLETE' }] }),
      ));
      expect([cluster.logOf(task, 'writable'), cluster.logOf(task, 'read-only')]).toEqual(['/tmp\n/opt/airflow\n', '/tmp\n']);
    });
  }

  test('leaves no folder behind', async () => {
    await cluster.runTask(cluster.taskDefinition(cluster.container('main', 'echo x > file')));
    expect(readdirSync(join(cluster.folder, 'tasks')).filter(name => name !== 'bin')).toEqual([]);
  });
});

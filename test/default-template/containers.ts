import { expect } from 'expect';
import { Check, COMPONENTS, forEach } from './check';
import { pythonProgram } from '../../src/python-program';

const HTTP = { Name: 'http', AppProtocol: 'http' };
/** Airflow, after programs that change it. */
const changed = (...programs: string[]) => ['python', '-c', [...programs.map(pythonProgram), 'from airflow.__main__ import main\nmain()\n'].join('\n')];
/** Processes that run code of DAGs have no secrets in their environment. */
const program = (...more: string[]) => changed('container/forget_secrets.py', ...more);
const CONTAINERS = {
  'web-server': { Command: ['api-server', '--proxy-headers'], StopTimeout: 60, PortMappings: [{ ContainerPort: 8080, Protocol: 'tcp', ...HTTP }] },
  'scheduler': { Command: [...changed('executor/send_again.py'), 'scheduler'], StopTimeout: 60 },
  'dag-processor': { Command: [...program('dags/refresh.py'), 'AIRFLOW_DB_PASSWORD,AIRFLOW__CORE__FERNET_KEY', 'dag-processor'], StopTimeout: 60 },
  'triggerer': { Command: [...program('task-logs/limit_logs.py', 'task-logs/delete_log.py'), 'AIRFLOW_DB_PASSWORD,AIRFLOW__API__SECRET_KEY,AIRFLOW__CORE__FERNET_KEY', 'triggerer'], StopTimeout: 60, PortMappings: [{ ContainerPort: 8794, Protocol: 'tcp' }] },
  'worker': {
    Command: [...program('dags/refresh.py', 'task-logs/limit_logs.py', 'task-logs/delete_log.py', 'executor/clean_up.py'), 'AIRFLOW_REDIS_PASSWORD,AIRFLOW_RESULT_DB_PASSWORD,AIRFLOW__API__SECRET_KEY', 'celery', 'worker'],
    StopTimeout: 120,
    PortMappings: [{ ContainerPort: 8793, Protocol: 'tcp' }],
  },
  'flower': {
    Command: ['python', '-c', pythonProgram('executor/flower.py')],
    StopTimeout: 30,
    PortMappings: [{ ContainerPort: 5555, Protocol: 'tcp', ...HTTP }],
  },
  'redis': { Command: ['sh', '-c', expect.any(String)], StopTimeout: 30, PortMappings: [{ ContainerPort: 6379, Protocol: 'tcp' }] },
};

/** CPU units and MiB. */
const SIZES = {
  'web-server': ['512', '2048'],
  'scheduler': ['512', '1024'],
  'dag-processor': ['512', '1024'],
  'triggerer': ['256', '1024'],
  'worker': ['1024', '4096'],
  'flower': ['256', '512'],
  'redis': ['256', '512'],
  'migrate': ['1024', '2048'],
};

/** What a task is called in the name of its task definition's family. */
const FAMILIES: Record<string, string> = {
  'web-server': 'WebServer',
  'scheduler': 'Scheduler',
  'dag-processor': 'DagProcessor',
  'triggerer': 'Triggerer',
  'worker': 'Worker',
  'flower': 'Flower',
  'redis': 'Redis',
  'migrate': 'Migration',
};

/** MiB of files in `/tmp` and `/var/tmp`, and whether programs can be loaded from there; where there is nothing, a container can write to nothing. */
const FILES: Record<string, [number, number, 'exec' | 'noexec'] | []> = {
  'web-server': [512, 256, 'noexec'],
  'scheduler': [256, 128, 'noexec'],
  'dag-processor': [256, 128, 'exec'],
  'triggerer': [256, 128, 'noexec'],
  'worker': [1024, 512, 'exec'],
  'flower': [128, 64, 'noexec'],
  'redis': [],
  'databases': [],
  'migrate': [512, 256, 'noexec'],
  'admin': [512, 256, 'noexec'],
};

/** Interval, timeout, retries, start period. */
const HEALTH_CHECKS = {
  'web-server': [30, 10, 10, 120],
  'scheduler': [30, 10, 5, 120],
  'dag-processor': [30, 15, 6, 120],
  'triggerer': [30, 15, 6, 120],
  'worker': [60, 20, 5, 120],
  'flower': [30, 5, 5, 60],
  'redis': [10, 5, 5, 30],
};

/** Whether there is room for files. */
const room = (...folders: string[]) => `for d in ${folders.join(' ')}; do mkdir -p "$d" && head -c 1048576 /dev/zero > "$d/.room"; r=$?; rm -f "$d/.room"; `
  + '[ $r = 0 ] || exit 1; done && ';
const LOGS = '"$AIRFLOW__LOGGING__BASE_LOG_FOLDER"';
const literally = (text: string) => text.replace(/[$[\]{}|.?*+^()]/g, String.raw`\$&`);
const ROOM = literally(room(LOGS, '"${TMPDIR:-/tmp}"'));

/** What each health check asks. */
const QUESTIONS = {
  'web-server': /^curl -fsS -m 5 http:\/\/localhost:8080\/execution\/health$/,
  'scheduler': /^curl -fsS -m 5 http:\/\/localhost:8974\/health$/,
  'dag-processor': new RegExp(String.raw`^${ROOM}python -c ".*host='\$\{AirflowDatabaseCluster390DDA42\.Endpoint\.Address\}',port=5432,.*DagProcessorJob.*"$`, 's'),
  'triggerer': new RegExp(String.raw`^${ROOM}python -c ".*host='\$\{AirflowDatabaseCluster390DDA42\.Endpoint\.Address\}',port=5432,.*TriggererJob.*"$`, 's'),
  'worker': new RegExp(`^${literally(room(LOGS))}python -c ".*active_queues.*"$`, 's'),
  'flower': /^curl -fsS -m 5 http:\/\/localhost:5555\/healthcheck$/,
  'redis': /^REDISCLI_AUTH="\$REDIS_PASSWORD" redis-cli ping \| grep -q PONG$/,
};

export const CONTAINER: Check[] = [
  ...forEach(CONTAINERS, container => `${container} runs this`, ({ containers }, container, expected) => {
    const { Command, StopTimeout, PortMappings, Essential } = containers[container].definition;
    expect({ Command, StopTimeout, PortMappings, Essential }).toEqual({ PortMappings: undefined, Essential: true, ...expected });
  }),
  {
    name: 'all are the official image with its entry point, as its user',
    check({ containers }) {
      for (const name of [...COMPONENTS, 'databases', 'migrate', 'admin']) {
        const { User, Image, EntryPoint } = containers[name].definition;
        expect({ User, Image, EntryPoint }).toEqual({ User: '50000:0', Image: 'apache/airflow:3.3.2', EntryPoint: undefined });
      }
    },
  },
  ...forEach(FILES, container => `what ${container} may do and write`, ({ containers }, container, [temporary, own, programs]) => {
    const { ReadonlyRootFilesystem, LinuxParameters, Privileged, MountPoints, User } = containers[container].definition;
    expect({ ReadonlyRootFilesystem, LinuxParameters, Privileged, MountPoints, User }).toEqual({
      ReadonlyRootFilesystem: true,
      LinuxParameters: {
        Capabilities: { Drop: ['ALL'] },
        InitProcessEnabled: true,
        Tmpfs: temporary && [
          { ContainerPath: '/tmp', Size: temporary, MountOptions: [programs, 'nosuid', 'nodev'] },
          { ContainerPath: '/var/tmp', Size: own, MountOptions: [programs, 'nosuid', 'nodev'] },
        ],
      },
      User: container === 'redis' ? '999:1000' : '50000:0',
    });
  }),
  {
    name: 'there are no other containers',
    check: ({ containers }) => expect(Object.keys(containers).sort()).toEqual(Object.keys(FILES).sort()),
  },
  {
    name: 'all write to the log group of the cluster, each to streams of its name',
    check({ containers }) {
      for (const name of [...COMPONENTS, 'redis', 'databases', 'migrate', 'admin']) {
        expect(containers[name].definition.LogConfiguration).toEqual({
          LogDriver: 'awslogs',
          Options: {
            'awslogs-group': { Ref: 'AirflowClusterLogGroupF9E86CE7' },
            'awslogs-stream-prefix': ['databases', 'migrate', 'admin'].includes(name) ? 'migration' : name,
            'awslogs-region': { Ref: 'AWS::Region' },
            'mode': 'non-blocking',
            'max-buffer-size': '4194304b',
          },
        });
      }
    },
  },
  {
    name: 'Redis has its password on its standard input, keeps nothing on disk and refuses messages when its memory is full',
    check({ containers }) {
      const [shell, option, script] = containers.redis.definition.Command;
      expect([shell, option]).toEqual(['sh', '-c']);
      expect(script.split('\n')).toEqual([
        '[ "$REDIS_PASSWORD" ] || { echo "the password of the broker is empty: give its secret a value"; exit 1; }',
        'exec redis-server - <<EOF',
        'port 6379',
        String.raw`requirepass "$(printf %s "$REDIS_PASSWORD" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\x/g')"`,
        'maxmemory 384mb',
        'maxmemory-policy noeviction',
        'save ""',
        'appendonly no',
        'EOF',
      ]);
      expect(containers.redis.definition.Image).toBe('public.ecr.aws/docker/library/redis:8.2-alpine');
    },
  },
  ...forEach(SIZES, container => `the name and the size of ${container}`, ({ containers, resources }, container, [Cpu, Memory]) => {
    expect(resources[containers[container].taskDefinition].Properties).toMatchObject({
      // another name would be another family, whose revisions begin again
      Family: expect.stringMatching(new RegExp(`^StackAirflow${FAMILIES[container]}TaskDefinition[0-9A-F]{8}$`)),
      Cpu,
      Memory,
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
  }),
  ...forEach(HEALTH_CHECKS, container => `when the health check of ${container} is red`, ({ containers }, container, timing) => {
    const { Interval, Timeout, Retries, StartPeriod } = containers[container].definition.HealthCheck;
    expect([Interval, Timeout, Retries, StartPeriod]).toEqual(timing);
  }),
  ...forEach(QUESTIONS, container => `what the health check of ${container} asks`, ({ containers }, container, question) => {
    expect(containers[container].definition.HealthCheck.Command[0]).toBe('CMD-SHELL');
    expect(containers[container].healthCheck).toMatch(question);
  }),
];

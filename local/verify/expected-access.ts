import type { Place, S3Operation } from './trial';
import type { ContainerDefinition, TaskDefinition } from '../ecs/definitions';

type Uses = Partial<Record<Place['use'], readonly S3Operation[]>>;

/** Asks whether the bucket exists, lists the bundle and reads its files. */
const READ_DAGS: readonly S3Operation[] = ['list all', 'list', 'read'];
/** Asks whether the log of a try is there already, reads it, and writes it with what is new. */
const WRITE_LOGS: readonly S3Operation[] = ['list all', 'list', 'read', 'write'];

/** What Airflow's own code does in S3, by the command of its container. No policy was asked: this is what policies are compared with. */
const USES: Record<string, Uses> = {
  'api-server': { logs: ['list', 'read'] }, // shows the logs of a task's tries
  'dag-processor': { dags: READ_DAGS },
  'triggerer': { logs: WRITE_LOGS }, // of triggers
  'celery worker': { dags: READ_DAGS, logs: WRITE_LOGS },
};

const LOG_FOLDER = 'AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER';
const BUNDLES = 'AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST';
/** Where nobody has anything to do. */
const ELSEWHERE = 'serverless-airflow-verify/';

/** Where containers are told to keep logs and to read DAG files, and in each of these buckets a place that none is told of. */
export function placesOf(definitions: readonly TaskDefinition[]): Place[] {
  const environments = definitions.flatMap(({ containers }) => containers.map(({ environment }) => environment));
  const logs = environments.flatMap(environment => {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.+?)\/?$/.exec(environment[LOG_FOLDER] ?? '') ?? [];
    return bucket === undefined ? [] : [{ use: 'logs' as const, bucket, prefix: `${prefix}/` }];
  });
  const dags = environments.flatMap(environment => JSON.parse(environment[BUNDLES] ?? '[]') as { classpath: string; kwargs: Record<string, string> }[])
    .filter(({ classpath }) => classpath.endsWith('.S3DagBundle'))
    .map(({ kwargs }) => ({ use: 'dags' as const, bucket: kwargs.bucket_name, prefix: kwargs.prefix }));
  const used = [...logs, ...dags];
  const elsewhere = used.map(({ bucket }) => ({ use: 'elsewhere' as const, bucket, prefix: ELSEWHERE }));
  return [...new Map([...used, ...elsewhere].map(place => [JSON.stringify(place), place])).values()];
}

/** What the containers of a task do there with their task role. */
export function operationsIn({ use }: Place, { containers }: TaskDefinition): readonly S3Operation[] {
  return containers.flatMap(container => usesOf(container)[use] ?? []);
}

/** ARNs of the secrets that ECS reads for the containers of a task, with its execution role. */
export function secretsOf({ containers }: TaskDefinition): string[] {
  return containers.flatMap(({ secrets }) => Object.values(secrets).map(valueFrom => valueFrom.split(':').slice(0, 7).join(':')));
}

/** What runs code of DAGs is started by a program: `python -c <program> <names of passwords> <arguments of airflow>`. */
function usesOf({ command = [] }: ContainerDefinition): Uses {
  const words = (command[0] === 'python' ? command.slice(4) : command).join(' ');
  const name = Object.keys(USES).find(start => words === start || words.startsWith(`${start} `));
  return name === undefined ? {} : USES[name];
}

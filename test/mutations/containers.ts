import { Mutation, replaceInVariable, setVariable, task } from './mutation';

/** What runs in a container, and how. */
export const CONTAINERS: Mutation[] = [
  {
    name: 'the health check of the web server asks another port',
    consequence: 'it is never healthy, and the circuit breaker fails the deployment',
    apply: ({ containers }) => {
      const { Command } = containers['web-server'].definition.HealthCheck;
      Command[1] = Command[1].replace('8080', '8081');
    },
  },
  {
    name: 'the health check of workers is that of Airflow',
    consequence: 'it needs the metadata database, which workers do not have: they are replaced forever',
    apply: ({ containers }) => { containers.worker.definition.HealthCheck.Command = ['CMD-SHELL', 'airflow jobs check --local']; },
  },
  {
    name: 'the scheduler has ten seconds to start',
    consequence: 'half a vCPU needs forty: the circuit breaker rolls a good deployment back',
    apply: ({ containers }) => { containers.scheduler.definition.HealthCheck.StartPeriod = 10; },
  },
  {
    name: 'the triggerer has no health check',
    consequence: 'nothing fails: when it hangs nobody restarts it',
    apply: ({ containers }) => { delete containers.triggerer.definition.HealthCheck; },
  },
  {
    name: 'workers have 121 seconds to stop',
    consequence: 'the task definition is refused: at most 120 on Fargate',
    apply: ({ containers }) => { containers.worker.definition.StopTimeout = 121; },
  },
  {
    name: 'workers have the default time to stop',
    consequence: 'nothing fails: tasks that run longer than 30 s are killed at every deployment',
    apply: ({ containers }) => { delete containers.worker.definition.StopTimeout; },
  },
  {
    name: 'the signal to stop reaches every process of a worker',
    consequence: 'running tasks are killed at once instead of finishing',
    apply: template => setVariable(template, 'worker', 'DUMB_INIT_SETSID'),
  },
  {
    name: 'the task of the triggerer has a size that Fargate does not have',
    consequence: 'the task definition is refused: "No Fargate configuration exists for given values"',
    apply: template => { task(template, 'triggerer').Memory = '4096'; },
  },
  {
    name: 'workers run more tasks than fit into their memory',
    consequence: 'nothing fails until sixteen run at once: then the kernel kills some',
    apply: template => setVariable(template, 'worker', 'AIRFLOW__CELERY__WORKER_CONCURRENCY', '16'),
  },
  {
    name: 'the scheduler runs as root',
    consequence: 'nothing fails',
    apply: ({ containers }) => { containers.scheduler.definition.User = '0'; },
  },
  {
    name: 'workers can change their image',
    consequence: 'nothing fails: code of a DAG can replace Airflow itself for all that run after it',
    apply: ({ containers }) => { containers.worker.definition.ReadonlyRootFilesystem = false; },
  },
  {
    name: 'Redis has a place for files that it never writes',
    consequence: 'nothing fails: messages have less memory as soon as somebody writes there',
    apply: ({ containers }) => { containers.redis.definition.LinuxParameters.Tmpfs = [{ ContainerPath: '/data', Size: 128 }]; },
  },
  {
    name: 'the scheduler has no place for files',
    consequence: 'it does not start: Python finds no usable temporary directory',
    apply: ({ containers }) => { delete containers.scheduler.definition.LinuxParameters.Tmpfs; },
  },
  {
    name: 'files of a worker may take all of its memory',
    consequence: 'nothing fails until a task writes a lot: then the kernel kills the worker with all of its tasks',
    apply: ({ containers }) => { containers.worker.definition.LinuxParameters.Tmpfs[0].Size = 4096; },
  },
  {
    name: 'workers do not load programs from temporary files',
    consequence: 'tasks in virtual environments fail: "failed to map segment from shared object"',
    apply: ({ containers }) => { containers.worker.definition.LinuxParameters.Tmpfs[0].MountOptions[0] = 'noexec'; },
  },
  {
    name: 'the triggerer writes its configuration into the image',
    consequence: 'it does not start: "Read-only file system: /opt/airflow/airflow.cfg"',
    apply: template => setVariable(template, 'triggerer', 'AIRFLOW_CONFIG'),
  },
  {
    name: 'the DAG processor logs every reading of a file',
    consequence: 'nothing fails for days: then its log files have filled /var/tmp, and it is replaced',
    apply: template => setVariable(template, 'dag-processor', 'AIRFLOW__LOGGING__NAMESPACE_LEVELS'),
  },
  {
    name: 'the migration keeps its capabilities',
    consequence: 'nothing fails',
    apply: ({ containers }) => { delete containers.databases.definition.LinuxParameters.Capabilities; },
  },
  {
    name: 'the DAG processor has no log',
    consequence: 'nothing fails: nobody can see why a DAG does not appear',
    apply: ({ containers }) => { delete containers['dag-processor'].definition.LogConfiguration; },
  },
  {
    name: 'an outage of CloudWatch Logs blocks the web server',
    consequence: 'its output blocks, then its requests, then every task',
    apply: ({ containers }) => { delete containers['web-server'].definition.LogConfiguration.Options.mode; },
  },
  {
    name: 'a worker\'s entry point is replaced',
    consequence: 'nobody forwards the signal to stop, and the entry point\'s user handling is gone',
    apply: ({ containers }) => { containers.worker.definition.EntryPoint = ['sh', '-c']; },
  },
  {
    name: 'workers wait for a metadata database',
    consequence: 'the entry point checks a default that does not exist, twenty times: they are never healthy',
    apply: template => setVariable(template, 'worker', 'CONNECTION_CHECK_MAX_COUNT'),
  },
  {
    name: 'connections to the metadata database need no TLS',
    consequence: 'nothing fails as long as the server insists; with a database that does not, passwords travel in the clear',
    apply: template => replaceInVariable(template, 'web-server', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', '?sslmode=require&', '?'),
  },
  {
    name: 'asyncpg gets the option of psycopg2',
    consequence: 'every asynchronous query fails: "unexpected keyword argument \'sslmode\'"',
    apply: template => replaceInVariable(template, 'triggerer', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC', '?ssl=require', '?sslmode=require'),
  },
  {
    name: 'the scheduler and workers have different result backends',
    consequence: 'tasks succeed but are never seen to end: the slots run out, with every health check green',
    apply: template => replaceInVariable(template, 'scheduler', 'AIRFLOW__CELERY__RESULT_BACKEND', '/airflow_results?', '/airflow?'),
  },
  {
    name: 'workers look for tasks in another database of Redis',
    consequence: 'tasks stay queued forever, with every health check green',
    apply: template => replaceInVariable(template, 'worker', 'AIRFLOW__CELERY__BROKER_URL', ':6379/0', ':6379/1'),
  },
  {
    name: 'workers look for the web server outside of the namespace',
    consequence: 'no task can start: "Name or service not known"',
    apply: template => setVariable(template, 'worker', 'AIRFLOW__CORE__EXECUTION_API_SERVER_URL', 'http://webserver:8080/execution/'),
  },
  {
    name: 'the scheduler and the web server name different issuers of tokens',
    consequence: 'every task fails: "Invalid auth token: Invalid issuer"',
    apply: template => setVariable(template, 'web-server', 'AIRFLOW__API_AUTH__JWT_ISSUER', 'airflow'),
  },
  {
    name: 'a half-dead connection to the database is not noticed',
    consequence: 'the scheduler hangs for a quarter of an hour after a failover, with every health check green',
    apply: template => replaceInVariable(template, 'scheduler', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', '&tcp_user_timeout=30000', ''),
  },
  {
    name: 'tasks give up after Airflow\'s own retries of the Execution API',
    consequence: 'a restart of the web server kills every running task',
    apply: template => setVariable(template, 'worker', 'AIRFLOW__WORKERS__EXECUTION_API_RETRIES'),
  },
  {
    name: 'DAG files are uploaded to another prefix than Airflow reads',
    consequence: 'no DAG appears',
    apply: template => { template.ofType('Custom::CDKBucketDeployment')[0][1].Properties.DestinationBucketKeyPrefix = 'dags'; },
  },
  {
    name: 'the image is not pinned',
    consequence: 'the next task that starts may be another release than its database',
    apply: ({ containers }) => { containers.worker.definition.Image = 'apache/airflow:latest'; },
  },
];

import { once } from 'node:events';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';

/** What `POST /auth/token` takes; absent where Airflow's simple auth manager lets everybody in (`airflow standalone` of the benchmark). */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Dag {
  readonly dag_id: string;
  readonly is_stale: boolean;
  readonly description: string | null;
  readonly last_parsed_time: string | null;
}

export interface DagRun {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: 'queued' | 'running' | 'success' | 'failed';
  /** When it may start. */
  readonly run_after: string;
}

/** One try of a task. */
export interface TaskInstance {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly task_id: string;
  /** -1 where the task is not mapped. */
  readonly map_index: number;
  readonly state: string | null;
  readonly try_number: number;
  readonly hostname: string | null;
  readonly queue: string;
  readonly scheduled_when: string | null;
  readonly start_date: string | null;
  readonly end_date: string | null;
}

export interface LogLine {
  readonly timestamp?: string;
  readonly event: string;
  readonly logger?: string;
  /** Of the exception that ended the task. */
  readonly error_detail?: { exc_type: string; exc_value: string }[];
}

export interface Connection {
  readonly connection_id: string;
  readonly conn_type: string;
  readonly host?: string;
  readonly login?: string;
  readonly password?: string;
}

/** Airflow answered with another status than 2xx. */
export class AirflowApiError extends Error {
  constructor(readonly status: number, asked: string, body: string) {
    super(`${asked}: HTTP ${status} ${body.slice(0, 300)}`);
  }
}

/** What takes longer hangs. */
const TIMEOUT_MILLISECONDS = 30_000;

/** The part of Airflow's REST API (`/api/v2`) that `trigger`, the demo and the benchmark use. */
export class AirflowApi {
  /** By a socket of the file system that leads to the web server. */
  static atSocket(socketPath: string, credentials: Credentials): AirflowApi {
    return new AirflowApi('http://localhost', credentials, { socketPath });
  }

  private token?: string;

  constructor(private readonly address: string, private readonly credentials?: Credentials, private readonly connect: RequestOptions = {}) {}

  async health(): Promise<Record<string, { status: string | null }>> {
    return this.send('GET', 'monitor/health');
  }

  /** `undefined` as long as the DAG processor has not seen the DAG. */
  async dag(dagId: string): Promise<Dag | undefined> {
    return this.send<Dag>('GET', `dags/${encodeURIComponent(dagId)}`).catch(unlessStatus(404));
  }

  async importErrors(): Promise<string[]> {
    const { import_errors: errors } = await this.send<{ import_errors: { filename: string; stack_trace: string }[] }>('GET', 'importErrors');
    return errors.map(error => `${error.filename}: ${error.stack_trace}`);
  }

  /** Unpauses the DAG and starts a run, with values for its parameters. */
  async trigger(dagId: string, conf: Record<string, unknown> = {}): Promise<DagRun> {
    await this.send('PATCH', `dags/${encodeURIComponent(dagId)}`, { is_paused: false });
    return this.send('POST', `dags/${encodeURIComponent(dagId)}/dagRuns`, { logical_date: null, conf });
  }

  async dagRun(run: DagRun): Promise<DagRun> {
    return this.send('GET', runPath(run));
  }

  async dagRuns(dagId: string): Promise<DagRun[]> {
    const { dag_runs: runs } = await this.send<{ dag_runs: DagRun[] }>('GET', `dags/${dagId}/dagRuns?limit=1000`);
    return runs;
  }

  /** The latest try of every task of a run. */
  async taskInstances(run: DagRun): Promise<TaskInstance[]> {
    const { task_instances: tasks } = await this.send<{ task_instances: TaskInstance[] }>('GET', `${runPath(run)}/taskInstances?limit=1000`);
    return tasks;
  }

  async tries(task: TaskInstance): Promise<TaskInstance[]> {
    const mapIndex = task.map_index < 0 ? '' : `/${task.map_index}`;
    const { task_instances: tries } = await this.send<{ task_instances: TaskInstance[] }>('GET', `${taskPath(task)}${mapIndex}/tries`);
    return tries;
  }

  async log(attempt: TaskInstance): Promise<LogLine[]> {
    const query = `full_content=true&map_index=${attempt.map_index}`;
    const { content } = await this.send<{ content: LogLine[] }>('GET', `${taskPath(attempt)}/logs/${attempt.try_number}?${query}`);
    return content;
  }

  /** What a task returned. */
  async result<T>(task: TaskInstance): Promise<T> {
    const query = `deserialize=true&map_index=${task.map_index}`;
    const { value } = await this.send<{ value: T }>('GET', `${taskPath(task)}/xcomEntries/return_value?${query}`);
    return value;
  }

  /** Makes a connection or replaces it. */
  async putConnection(connection: Connection): Promise<void> {
    const missing = await this.send('PATCH', `connections/${connection.connection_id}`, connection).catch(unlessStatus(404));
    if (missing === undefined) {
      await this.send('POST', 'connections', connection);
    }
  }

  private async send<T>(method: string, path: string, body?: object): Promise<T> {
    this.token ??= await this.login();
    return this.call(method, `/api/v2/${path}`, body, { authorization: `Bearer ${this.token}` });
  }

  private async login(): Promise<string> {
    const method = this.credentials ? 'POST' : 'GET';
    const { access_token: token } = await this.call<{ access_token: string }>(method, '/auth/token', this.credentials);
    return token;
  }

  private async call<T>(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<T> {
    const outgoing = request(`${this.address}${path}`, {
      ...this.connect,
      method,
      headers: { ...headers, 'content-type': 'application/json', 'accept': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    outgoing.end(body && JSON.stringify(body));
    const [response] = await once(outgoing, 'response') as [IncomingMessage];
    const answer = await text(response);
    if (response.statusCode! >= 300) {
      throw new AirflowApiError(response.statusCode!, `${method} ${path}`, answer);
    }
    return JSON.parse(answer);
  }
}

function unlessStatus(status: number): (error: unknown) => undefined {
  return error => {
    if (error instanceof AirflowApiError && error.status === status) {
      return undefined;
    }
    throw error;
  };
}

function runPath(run: DagRun): string {
  return `dags/${run.dag_id}/dagRuns/${encodeURIComponent(run.dag_run_id)}`;
}

function taskPath(task: TaskInstance): string {
  return `dags/${task.dag_id}/dagRuns/${encodeURIComponent(task.dag_run_id)}/taskInstances/${task.task_id}`;
}

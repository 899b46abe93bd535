import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { UserError } from '../errors';

export interface TaskInstance {
  readonly task_id: string;
  readonly map_index: number;
  readonly state: string | null;
}

/** The few calls of Airflow's REST API that `trigger` needs, through the socket that leads to the web server. */
export class TriggerApi {
  static async logIn(socketPath: string, username: string, password: string): Promise<TriggerApi> {
    const api = new TriggerApi(socketPath);
    const { access_token: token } = await api.call<{ access_token: string }>('POST', '/auth/token', { username, password });
    api.token = token;
    return api;
  }

  private token?: string;

  private constructor(private readonly socketPath: string) {}

  async unpause(dag: string): Promise<void> {
    await this.call('PATCH', `/api/v2/dags/${encodeURIComponent(dag)}`, { is_paused: false });
  }

  async trigger(dag: string, conf: unknown): Promise<string> {
    const run = await this.call<{ dag_run_id: string }>('POST', `/api/v2/dags/${encodeURIComponent(dag)}/dagRuns`, { logical_date: null, conf });
    return run.dag_run_id;
  }

  async runState(dag: string, run: string): Promise<string> {
    const { state } = await this.call<{ state: string }>('GET', `/api/v2/dags/${encodeURIComponent(dag)}/dagRuns/${encodeURIComponent(run)}`);
    return state;
  }

  async taskInstances(dag: string, run: string): Promise<TaskInstance[]> {
    const path = `/api/v2/dags/${encodeURIComponent(dag)}/dagRuns/${encodeURIComponent(run)}/taskInstances?limit=1000`;
    const { task_instances: instances } = await this.call<{ task_instances: TaskInstance[] }>('GET', path);
    return instances;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json', ...this.token !== undefined && { authorization: `Bearer ${this.token}` } };
    const outgoing = request({ socketPath: this.socketPath, method, path, headers });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(outgoing, 'response').catch(() => {
      throw new UserError('the web server does not answer: look at `serverless-airflow local status`');
    }) as [IncomingMessage];
    const content = await text(response);
    if (response.statusCode! >= 300) {
      throw new UserError(`Airflow answers ${response.statusCode} to ${method} ${path}: ${detailOf(content)}`);
    }
    return JSON.parse(content) as T;
  }
}

function detailOf(content: string): string {
  try {
    const { detail } = JSON.parse(content) as { detail?: unknown };
    return typeof detail === 'string' ? detail : JSON.stringify(detail);
  } catch {
    return content.slice(0, 200);
  }
}

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalAirflow } from '../../tools/local-airflow';

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** Everything that shows arguments of tasks: from events, and from what workers answer. */
const PAGES = [['GET', '/api/tasks'], ['POST', '/tasks/datatable?draw=1&start=0&length=1000&search[value]=&order[0][column]=0&order[0][dir]=asc&columns[0][data]=name'], ['GET', '/api/workers?refresh=1']] as const;

/**
 * Looks for tokens in what Flower shows while tasks are sent. One that is found is used at once, before its worker does: it is exchanged for the
 * token of a running task, which reads connections.
 */
export class FlowerRace {
  private readonly shown = new Map<string, string>();
  private readonly tokens = new Map<string, string>();
  private ended = false;

  constructor(private readonly airflow: LocalAirflow) {}

  async run(): Promise<void> {
    while (!this.ended) {
      for (const [method, page] of PAGES) {
        const text = await this.ask(method, page).then(async response => response.ok ? response.text() : '', () => '');
        if (page === '/api/tasks' && text) {
          Object.entries(JSON.parse(text) as Record<string, { args?: string }>).forEach(([id, { args }]) => this.shown.set(id, args ?? ''));
        }
        for (const [token] of text.matchAll(TOKEN)) {
          if (!this.tokens.has(token)) {
            this.tokens.set(token, await this.use(token));
          }
        }
      }
      await sleep(50);
    }
  }

  end(): void {
    this.ended = true;
  }

  /** Without the tasks themselves, their absence would prove nothing. */
  judge(dagId: string, tasks: number): void {
    const seen = [...this.shown.values()].filter(args => args.includes(dagId));
    ok(seen.length >= tasks, `Flower has shown ${seen.length} of ${tasks} tasks`);
    ok(seen.every(args => args.includes('***')), 'the place of the token is not there');
    deepStrictEqual([...this.tokens.values()], []);
  }

  async sendsNothing(): Promise<void> {
    for (const way of ['apply', 'async-apply', 'send-task']) {
      strictEqual((await this.ask('POST', `/api/task/${way}/execute_workload`)).status, 404, way);
    }
  }

  /** How far a token gets. */
  private async use(token: string): Promise<string> {
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { sub: string };
    const call = (method: string, path: string, bearer: string, body?: object) => fetch(`${this.airflow.webServer}/execution/${path}`, {
      method, headers: { 'authorization': `Bearer ${bearer}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
    });
    const start = { state: 'running', hostname: 'attacker', unixname: 'attacker', pid: 1, start_date: new Date().toISOString() };
    const exchanged = await call('PATCH', `task-instances/${sub}/run`, token, start);
    const execution = exchanged.headers.get('refreshed-api-token');
    const read = execution ? (await call('GET', 'connections/any', execution)).status : 'not tried';
    return `task ${sub}: exchanged ${exchanged.status}, connection ${read}`;
  }

  private async ask(method: string, path: string): Promise<Response> {
    const { flower, flowerUser: { username, password } } = this.airflow;
    return fetch(flower + path, { method, headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` } });
  }
}

import { createServer, IncomingMessage, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'stream/consumers';
import { AirflowApi } from '../../local/airflow-api';

type Answer = [status: number, body: unknown];

describe('the client of Airflow\'s REST API', () => {
  const admin = { username: 'admin', password: 'secret' };
  let server: Server;
  let requests: string[];
  let answers: Record<string, Answer>;
  let api: AirflowApi;

  beforeEach(async () => {
    requests = [];
    answers = { 'POST /auth/token': [201, { access_token: 'TOKEN' }] };
    server = createServer((request, response) => void record(request).then(line => {
      const [status, body] = answers[line] ?? [404, { detail: 'not found' }];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    api = new AirflowApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, admin);
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  async function record(request: IncomingMessage): Promise<string> {
    const line = `${request.method} ${request.url}`;
    requests.push(`${line} ${request.headers.authorization ?? '-'} ${await text(request)}`.trim());
    return line;
  }

  test('logs in once, with the credentials in the body', async () => {
    answers['GET /api/v2/monitor/health'] = [200, { scheduler: { status: 'healthy' } }];

    await api.health();
    expect(await api.health()).toEqual({ scheduler: { status: 'healthy' } });

    expect(requests).toEqual([
      'POST /auth/token - {"username":"admin","password":"secret"}',
      'GET /api/v2/monitor/health Bearer TOKEN',
      'GET /api/v2/monitor/health Bearer TOKEN',
    ]);
  });

  test('logs in again after the login failed', async () => {
    answers['POST /auth/token'] = [503, 'starting'];
    await expect(api.health()).rejects.toThrow('/auth/token: HTTP 503');

    answers['POST /auth/token'] = [201, { access_token: 'TOKEN' }];
    answers['GET /api/v2/monitor/health'] = [200, {}];
    await expect(api.health()).resolves.toEqual({});
  });

  test('a DAG that is not known yet is undefined, other answers are errors', async () => {
    answers['GET /api/v2/dags/broken'] = [500, { detail: 'no database' }];

    await expect(api.dag('unknown')).resolves.toBeUndefined();
    await expect(api.dag('broken')).rejects.toThrow('GET /api/v2/dags/broken: HTTP 500 {"detail":"no database"}');
  });

  test('unpauses a DAG before it starts a run', async () => {
    answers['PATCH /api/v2/dags/orders'] = [200, {}];
    answers['POST /api/v2/dags/orders/dagRuns'] = [200, { dag_run_id: 'manual' }];

    await expect(api.trigger('orders')).resolves.toEqual({ dag_run_id: 'manual' });

    expect(requests.slice(1)).toEqual([
      'PATCH /api/v2/dags/orders Bearer TOKEN {"is_paused":false}',
      'POST /api/v2/dags/orders/dagRuns Bearer TOKEN {"logical_date":null,"conf":{}}',
    ]);
  });

  test('escapes run ids, which contain a + and colons', async () => {
    const run = { dag_id: 'orders', dag_run_id: 'manual__2026-01-01T00:00:00+00:00', state: 'running' as const, run_after: '2026-01-01T00:00:00Z' };
    answers['GET /api/v2/dags/orders/dagRuns/manual__2026-01-01T00%3A00%3A00%2B00%3A00'] = [200, run];

    await expect(api.dagRun(run)).resolves.toEqual(run);
  });

  test('makes a connection where there is none to change', async () => {
    answers['POST /api/v2/connections'] = [201, {}];

    await api.putConnection({ connection_id: 'warehouse', conn_type: 'postgres' });

    expect(requests.slice(1).map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'PATCH /api/v2/connections/warehouse',
      'POST /api/v2/connections',
    ]);
  });
});

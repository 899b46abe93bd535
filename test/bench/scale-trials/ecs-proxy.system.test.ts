import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { EcsProxy } from '../../../bench/scale-trials/ecs-proxy';

let api: Server;
let proxy: EcsProxy;
let asked: unknown[];
let known: boolean;

beforeEach(async () => {
  asked = [];
  known = true;
  api = createServer(async (incoming, response) => {
    asked.push([incoming.headers.host, await json(incoming)]);
    response.end(JSON.stringify({ tasks: [{ taskArn: 'arn/1', group: 'service:AirflowLane1Service' }] }));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  proxy = await EcsProxy.listen(() => known ? `http://127.0.0.1:${(api.address() as AddressInfo).port}` : undefined);
});

afterEach(async () => {
  await proxy.close();
  await new Promise(done => api.close(done));
});

async function send(action: string, request: object, signal?: AbortSignal): Promise<number> {
  const headers = { 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}` };
  return (await fetch(proxy.endpoint, { method: 'POST', headers, body: JSON.stringify(request), signal })).status;
}

test('nobody is answered before the API is known; then requests get there as they were signed', async () => {
  known = false;
  expect(await send('DescribeServices', { services: ['one'] })).toBe(503);
  known = true;

  expect(await send('DescribeServices', { services: ['one'] })).toBe(200);
  expect(asked).toEqual([[new URL(proxy.endpoint).host, { services: ['one'] }]]);
});

test('a request tells its service, also by the tasks that were described', async () => {
  await send('ListTasks', { serviceName: 'AirflowLane1Service' });
  await send('DescribeTasks', { tasks: ['arn/1'] });
  await send('UpdateTaskProtection', { tasks: ['arn/1'] });

  expect(proxy.calls.map(({ action, service }) => [action, service])).toEqual([
    ['ListTasks', 'AirflowLane1Service'], ['DescribeTasks', ''], ['UpdateTaskProtection', 'AirflowLane1Service'],
  ]);
});

test.each([['before', 0], ['after', 1]] as const)('something happens once, %s a request', async (moment, seen) => {
  const happened: number[] = [];
  const done = proxy.once(moment, ({ action }) => action === 'UpdateService', async () => { happened.push(asked.length); });
  await send('UpdateService', { service: 'one' });
  await done;
  await send('UpdateService', { service: 'one' });

  expect(happened).toEqual([seen]);
  expect(asked.length).toBe(2);
});

test('what a scaler asked that was killed meanwhile is not asked', async () => {
  const killed = new AbortController();
  const done = proxy.once('before', () => true, async () => {
    killed.abort();
    await new Promise(resolve => setTimeout(resolve, 100));
  });
  await expect(send('UpdateService', { service: 'one' }, killed.signal)).rejects.toThrow();
  await done;
  await send('ListTasks', {});

  expect(asked.length).toBe(1);
  expect(asked[0]).toEqual([expect.anything(), {}]);
});

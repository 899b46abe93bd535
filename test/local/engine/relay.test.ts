import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { relay } from '../../../local/engine/relay';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();
const servers: { close(): unknown }[] = [];
afterAll(() => servers.forEach(server => server.close()));

async function task(answer: string): Promise<AddressInfo> {
  const server: Server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return server.address() as AddressInfo;
}

test('leads from a port of the host by a socket to the task, and to its successor', async () => {
  let target: { host: string; port: number } | undefined;
  const socket = join(folder, 'http.sock');
  const inside = await relay({ path: socket }, () => target);
  const outside = await relay({ host: '127.0.0.1', port: 0 }, () => ({ path: socket }));
  servers.push(inside, outside);
  const { port } = outside.address() as AddressInfo;
  const get = async () => (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();

  await expect(get()).rejects.toThrow('fetch failed'); // nothing runs yet

  target = { host: '127.0.0.1', port: (await task('first')).port };
  expect(await get()).toBe('first');

  target = { host: '127.0.0.1', port: (await task('second')).port };
  expect(await get()).toBe('second');
});

test('fails when the port is taken', async () => {
  const { port } = await task('other program');

  await expect(relay({ host: '127.0.0.1', port }, () => undefined)).rejects.toThrow('EADDRINUSE');
});

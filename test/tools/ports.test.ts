import { createServer, AddressInfo } from 'node:net';
import { freePort } from '../../tools/ports';

test('the preferred port where it is free, else another', async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  expect(await freePort(port)).not.toBe(port);

  await new Promise(resolve => server.close(resolve));
  expect(await freePort(port)).toBe(port);
});

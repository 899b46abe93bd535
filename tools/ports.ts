import { createServer } from 'node:net';

/** The port itself where nobody listens on it, else any free one. */
export async function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', error => preferred === 0 ? reject(error) : resolve(freePort()));
    server.listen(preferred, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

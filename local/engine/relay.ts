import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Server } from 'node:net';
import { pipeline } from 'node:stream';

export type Listen = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * Passes connections on. Unix sockets cross network namespaces: a port of the host leads to a socket, the engine leads it on to the task.
 * `target` is asked for each connection; nothing to lead to: the connection is closed.
 */
export async function relay(listen: Listen, target: () => NetConnectOpts | undefined): Promise<Server> {
  const server = createServer(incoming => {
    const to = target();
    if (!to) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(to);
    // either side may end or break at any time
    pipeline(incoming, outgoing, () => {});
    pipeline(outgoing, incoming, () => {});
  });
  server.listen(listen);
  await once(server, 'listening');
  return server;
}

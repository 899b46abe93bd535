import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { AwsRequest } from './aws-request';
import type { Moto } from './moto';
import type { Session } from '../iam/access-keys';
import type { Gate } from '../iam/gate';
import type { Action } from '../iam/iam';

/** Serves the requests to one service of AWS: lets the gate judge each, then answers it or has moto do so. */
export type AwsService = (exchange: Exchange) => Promise<void>;

interface Connection {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

/** A request whose sender is known, and the way back for its answer. */
export class Exchange {
  constructor(
    readonly request: AwsRequest,
    readonly session: Session | 'operator',
    private readonly gate: Gate,
    private readonly moto: Moto,
    private readonly connection: Connection,
  ) {}

  /** Throws unless the sender may do all of it; `undefined` stands for an operation of which nobody here knows what it needs. */
  authorize(operation: string, actions: readonly Action[] | undefined): void {
    this.gate.authorize(this.session, operation, actions);
  }

  answer(statusCode: number, headers: OutgoingHttpHeaders, body: string): void {
    this.connection.response.writeHead(statusCode, headers).end(body);
  }

  /** Streams the request to moto and its answer back. */
  async forward(path: string, hooks: {
    /** Before the answer. */
    onSuccess?: () => Promise<void>;
    /** The answer is that there is no such thing; throws to give another one. */
    onMissing?: () => void;
  } = {}): Promise<void> {
    const { method, headers, body } = this.request;
    const { incoming, response } = this.connection;
    const outgoing = this.moto.request(method, path, headers);
    incoming.on('close', () => {
      if (!incoming.complete) {
        outgoing.destroy(); // the client went away in the middle
      }
    });
    if (body) {
      outgoing.end(body);
    } else {
      incoming.pipe(outgoing);
    }
    const [answer] = await once(outgoing, 'response') as [IncomingMessage];
    if (answer.statusCode! < 300) {
      await hooks.onSuccess?.();
    } else if (answer.statusCode === 404 && ['GET', 'HEAD'].includes(method)) {
      hooks.onMissing?.();
    }
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  }
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { S3Request } from './actions/s3';
import { parseAuthorization, type Authorization, type SignedRequest } from '../iam/signature';

/** A request to the AWS API, as far as it has to be read before it is known what to do with it. */
export class AwsRequest implements SignedRequest {
  static async read(incoming: IncomingMessage): Promise<AwsRequest> {
    const request = new AwsRequest(incoming.method!, incoming.url!, incoming.headers);
    // bodies of objects are not kept in memory
    const streamed = request.service === 's3' && !request.query.has('delete');
    return streamed ? request : new AwsRequest(incoming.method!, incoming.url!, incoming.headers, await buffer(incoming));
  }

  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly authorization?: Authorization;
  private readonly search: string;

  private constructor(readonly method: string, url: string, readonly headers: IncomingHttpHeaders, readonly body?: Buffer) {
    [this.path] = url.split('?', 1); // not `new URL()`: it would resolve the `..` of a key
    this.search = url.slice(this.path.length);
    this.query = parseQuery(this.search);
    this.authorization = parseAuthorization(headers.authorization);
  }

  /** As the signature names it; S3 alone is asked without one. */
  get service(): string {
    return this.authorization?.service ?? (this.headers['x-amz-target'] === undefined ? 's3' : String(this.headers['x-amz-target']).split('.')[0]);
  }

  /** The operation of a service that is named in the header X-Amz-Target. */
  operation(prefix: string): string {
    const target = String(this.headers['x-amz-target'] ?? '');
    return target.startsWith(prefix) ? target.slice(prefix.length) : target;
  }

  json(): Record<string, unknown> {
    return JSON.parse(String(this.body) || '{}') as Record<string, unknown>;
  }

  /** Where the bucket stands in the host name, `path` has it in front, as moto wants it. */
  s3(): S3Request & { readonly path: string; readonly operation: string; readonly isWellFormed: boolean } {
    const [, virtual] = /^(.+?)\.s3[.-]/.exec(this.headers.host ?? '') ?? [];
    const path = virtual === undefined ? this.path : `/${virtual}${this.path}`;
    const [, bucket, ...segments] = path.split('/');
    const key = segments.map(decodeURIComponent).join('/');
    return {
      method: this.method,
      bucket,
      key,
      query: this.query,
      headers: this.headers,
      body: this.body,
      path: path + this.search,
      operation: `s3:${this.method} ${path}${this.search}`,
      // everybody has to read the same names out of it
      isWellFormed: /^[a-z0-9][a-z0-9.-]*$/.test(bucket) || (bucket === '' && key === ''),
    };
  }
}

/** A plus sign is a plus sign, as in signatures. A parameter that comes twice has no value that everybody agrees on. */
function parseQuery(search: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const parameter of search.slice(1).split('&').filter(Boolean)) {
    const [name, ...value] = parameter.split('=');
    const decoded = decodeURIComponent(name);
    query.set(decoded, query.has(decoded) ? 'several values' : decodeURIComponent(value.join('=')));
  }
  return query;
}

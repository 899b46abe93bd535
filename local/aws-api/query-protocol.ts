/** An error as AWS's query protocol has it. */
export class QueryError extends Error {
  constructor(message: string, readonly code = 'ValidationError', readonly statusCode = 400) {
    super(message);
  }
}

/** Parameters of an operation: `Tags.member.1.Key=a` is `{ Tags: [{ Key: 'a' }] }`. Every scalar is a string. */
export type QueryInput = Readonly<Record<string, unknown>>;

interface Tree {
  [name: string]: Tree | string;
}

export function parseQuery(body: string): { operation: string; input: QueryInput } {
  const tree: Tree = Object.create(null) as Tree;
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.split('.');
    let node = tree;
    for (const step of path.slice(0, -1)) {
      const next = node[step] ?? (Object.create(null) as Tree);
      if (typeof next === 'string') throw new QueryError(`the parameter ${name} has a value where others have members`, 'MalformedQueryString');
      node = node[step] = next;
    }
    node[path.at(-1)!] = value;
  }
  const { Action, Version: _version, ...input } = tree;
  return { operation: String(Action), input: listed(input) as QueryInput };
}

function listed(value: Tree | string): unknown {
  if (typeof value === 'string') return value;
  const { member } = value;
  if (typeof member === 'object' && Object.keys(value).length === 1) {
    return Object.keys(member).sort((one, other) => Number(one) - Number(other)).map(index => listed(member[index]));
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, listed(inner)]));
}

/** The answer to an operation of a service with this XML namespace; what is undefined is left out. */
export function queryResponse(namespace: string, operation: string, output: object): string {
  return `<${operation}Response xmlns="${namespace}"><${operation}Result>${xml(output)}</${operation}Result>` +
    `<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></${operation}Response>`;
}

export function queryErrorResponse(namespace: string, { code, message }: QueryError): string {
  return `<ErrorResponse xmlns="${namespace}"><Error>${xml({ Type: 'Sender', Code: code, Message: message })}</Error><RequestId>local</RequestId></ErrorResponse>`;
}

function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map(member => `<member>${xml(member)}</member>`).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).filter(([, member]) => member !== undefined).map(([name, member]) => `<${name}>${xml(member)}</${name}>`).join('');
  }
  return escape(String(value));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

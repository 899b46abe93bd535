import type { OutgoingHttpHeaders } from 'node:http';

/** Codes by what went wrong, in S3 and in the other services. */
const CODES = {
  denied: { s3: 'AccessDenied', json: 'AccessDeniedException', query: 'AccessDenied' },
  unsigned: { s3: 'AccessDenied', json: 'MissingAuthenticationTokenException', query: 'MissingAuthenticationToken' },
  unknownKey: { s3: 'InvalidAccessKeyId', json: 'UnrecognizedClientException', query: 'InvalidClientTokenId' },
  wrongSignature: { s3: 'SignatureDoesNotMatch', json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch' },
} as const;

/** A request that is not carried out, and how AWS says so. */
export class DeniedRequest extends Error {
  constructor(private readonly reason: keyof typeof CODES, message: string) {
    super(message);
  }

  /** S3 and services that speak XML; requests to all others name their operation in a header. */
  response(service: string, hasTarget: boolean): { statusCode: number; headers: OutgoingHttpHeaders; body: string } {
    const protocol = service === 's3' ? 's3' : hasTarget || service === 'lambda' ? 'json' : 'query';
    const code = CODES[this.reason][protocol];
    if (service === 'lambda') { // REST with JSON: the code is in a header
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
      return { statusCode: 403, headers, body: JSON.stringify({ Message: this.message }) };
    }
    if (protocol === 'json') {
      return { statusCode: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify({ __type: code, message: this.message }) };
    }
    const error = `<Code>${code}</Code><Message>${escape(this.message)}</Message>`;
    const body = protocol === 's3' ? `<Error>${error}</Error>` : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`;
    return { statusCode: 403, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
  }
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AccessKey } from './access-keys';

/** The header `Authorization` of a request that is signed with Signature Version 4. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly region: string;
  /** Which service the request is for. */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export interface SignedRequest {
  readonly method: string;
  /** As it was sent, still encoded. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** Absent for S3, where the header `x-amz-content-sha256` stands for it. */
  readonly body?: Buffer;
}

/** Undefined if the request is not signed, or not in this way. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header ?? '');
  if (!match) {
    return undefined;
  }
  const [, accessKeyId, region, service, signedHeaders, signature] = match;
  return { accessKeyId, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

/** Whether the request was signed with this key: it is signed once more, and the two signatures compared. */
export async function isSignedWith(key: AccessKey, authorization: Authorization, request: SignedRequest): Promise<boolean> {
  const { headers, method, path, query, body } = request;
  const { region, service, signature, signedHeaders } = authorization;
  const digest = headers['x-amz-content-sha256'];
  const date = signingDate(headers['x-amz-date']);
  if (!date || !signedHeaders.includes('host') || headers['x-amz-security-token'] !== key.sessionToken) {
    return false;
  }
  if (body && digest !== undefined && digest !== createHash('sha256').update(body).digest('hex')) {
    return false;
  }
  const signer = new SignatureV4({
    service, region, credentials: key, sha256: Sha256, applyChecksum: false, uriEscapePath: service !== 's3',
  });
  const { headers: { authorization: expected } } = await signer.sign({
    method,
    protocol: 'http:',
    hostname: '',
    path,
    query: Object.fromEntries(query),
    headers: {
      ...Object.fromEntries(signedHeaders.map(name => [name, String(headers[name] ?? '')])),
      // decides what stands for the body, signed or not
      ...digest !== undefined && { 'x-amz-content-sha256': String(digest) },
    },
    body,
  }, {
    signingDate: date,
    signableHeaders: new Set(signedHeaders),
    unsignableHeaders: new Set(['x-amz-content-sha256'].filter(name => !signedHeaders.includes(name))),
  });
  return timingSafeEqual(Buffer.from(parseAuthorization(expected)!.signature), Buffer.from(signature));
}

/** `20261128T141550Z` */
function signingDate(text: string | string[] | undefined): Date | undefined {
  const [, year, month, day, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(text)) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
}

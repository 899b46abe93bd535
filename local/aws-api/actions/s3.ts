import type { IncomingHttpHeaders } from 'node:http';
import { parseXML } from '@aws-sdk/xml-builder';
import type { Action, Iam } from '../../iam/iam';

export interface S3Request {
  readonly method: string;
  /** Empty for the list of all buckets. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** Of requests whose body names objects. */
  readonly body?: Buffer;
}

/** By method, what the path names and the parameters that make it another operation. */
const ACTIONS: Record<string, string> = {
  'GET service': 's3:ListAllMyBuckets',
  'HEAD bucket': 's3:ListBucket',
  'GET bucket': 's3:ListBucket',
  'GET bucket versions': 's3:ListBucketVersions',
  'GET bucket uploads': 's3:ListBucketMultipartUploads',
  'GET bucket encryption': 's3:GetEncryptionConfiguration',
  'GET bucket location': 's3:GetBucketLocation',
  'PUT bucket': 's3:CreateBucket',
  'DELETE bucket': 's3:DeleteBucket',
  'POST bucket delete': 's3:DeleteObject',
  'HEAD object': 's3:GetObject',
  'HEAD object versionId': 's3:GetObjectVersion',
  'GET object': 's3:GetObject',
  'GET object versionId': 's3:GetObjectVersion',
  'GET object tagging': 's3:GetObjectTagging',
  'GET object uploadId': 's3:ListMultipartUploadParts',
  'PUT object': 's3:PutObject',
  'PUT object tagging': 's3:PutObjectTagging',
  'PUT object partNumber uploadId': 's3:PutObject',
  'POST object uploads': 's3:PutObject',
  'POST object uploadId': 's3:PutObject',
  'DELETE object': 's3:DeleteObject',
  'DELETE object versionId': 's3:DeleteObjectVersion',
  'DELETE object tagging': 's3:DeleteObjectTagging',
  'DELETE object uploadId': 's3:AbortMultipartUpload',
};

/** They only say how much of the answer is wanted, and in which form. `partNumber` selects a part of an upload only where it is written. */
const REFINING = new Set([
  'x-id', 'list-type', 'prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'encoding-type', 'fetch-owner', 'marker',
  'key-marker', 'version-id-marker', 'upload-id-marker', 'max-uploads', 'max-parts', 'part-number-marker',
  'response-cache-control', 'response-content-disposition', 'response-content-encoding', 'response-content-language', 'response-content-type', 'response-expires',
]);

/** Headers of a request that writes an object, which need a permission of their own. */
const BY_HEADER: [RegExp, string][] = [
  [/^x-amz-tagging$/, 's3:PutObjectTagging'],
  [/^x-amz-(acl|grant-.*)$/, 's3:PutObjectAcl'],
  [/^x-amz-object-lock-(mode|retain-until-date)$/, 's3:PutObjectRetention'],
  [/^x-amz-object-lock-legal-hold$/, 's3:PutObjectLegalHold'],
];

/** Of every request. */
const ALWAYS = { 's3:tlsversion': '1.3', 's3:authtype': 'REST-HEADER', 's3:signatureversion': 'AWS4-HMAC-SHA256' };

/** What somebody needs to be told that an object is missing, without asking for a list. */
export function listingOf(bucket: string, partition: string): Action {
  return {
    action: 's3:ListBucket', resource: `arn:${partition}:s3:::${bucket}`, context: { ...ALWAYS, 's3:prefix': undefined, 's3:delimiter': undefined, 's3:max-keys': undefined },
  };
}

/** What a request to S3 needs; undefined if it is no operation that is known here. */
export function actionsOfS3(request: S3Request, iam: Iam, { partition, region }: { partition: string; region: string }): Action[] | undefined {
  const { bucket, key, method, query, headers } = request;
  const level = key !== '' ? 'object' : bucket !== '' ? 'bucket' : 'service';
  const parameters = [...query.keys()].filter(name => !REFINING.has(name) && !(name === 'partNumber' && method !== 'PUT')).sort();
  const action = ACTIONS[[method, level, ...parameters].join(' ')] as string | undefined;
  if (action === undefined) {
    return undefined;
  }
  const arn = (name: string) => `arn:${partition}:s3:::${name}`;
  const context = {
    's3:prefix': query.get('prefix'),
    's3:delimiter': query.get('delimiter'),
    's3:max-keys': query.get('max-keys'),
    's3:versionid': query.get('versionId'),
    's3:x-amz-acl': text(headers['x-amz-acl']),
    's3:x-amz-copy-source': text(headers['x-amz-copy-source']),
    's3:x-amz-server-side-encryption': text(headers['x-amz-server-side-encryption']),
    's3:x-amz-server-side-encryption-aws-kms-key-id': text(headers['x-amz-server-side-encryption-aws-kms-key-id']),
    's3:x-amz-storage-class': text(headers['x-amz-storage-class']),
    ...ALWAYS,
  };
  const on = (name: string, needed: string): Action => ({ action: needed, resource: level === 'service' ? '*' : arn(name), context });
  const encrypted = (name: string, ...needed: string[]): Action[] => {
    const resource = iam.encryptionKeyOf(arn(name));
    const via = { 'kms:ViaService': `s3.${region}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': arn(name) };
    return resource === undefined ? [] : needed.map(kms => ({ action: kms, resource, context: via }));
  };

  if (action === 's3:DeleteObject' && level === 'bucket') {
    return keysToDelete(request).map(({ Key, VersionId }) => on(`${bucket}/${Key}`, VersionId ? 's3:DeleteObjectVersion' : action));
  }
  const actions = [on(level === 'object' ? `${bucket}/${key}` : bucket, action)];
  if (method === 'GET' && /^s3:GetObject(Version)?$/.test(action)) {
    actions.push(...encrypted(bucket, 'kms:Decrypt'));
  }
  if (action === 's3:PutObject') {
    // the parts of an upload are put together under one data key, which is decrypted for each
    actions.push(...encrypted(bucket, 'kms:GenerateDataKey', ...query.has('uploads') || query.has('uploadId') ? ['kms:Decrypt'] : []));
    actions.push(...BY_HEADER.filter(([header]) => Object.keys(headers).some(name => header.test(name))).map(([, needed]) => on(`${bucket}/${key}`, needed)));
    const source = copySource(headers);
    if (source) {
      actions.push(on(source.path, source.version ? 's3:GetObjectVersion' : 's3:GetObject'), ...encrypted(source.path.split('/')[0], 'kms:Decrypt'));
    }
  }
  return actions;
}

/** `bucket/key`, with or without a slash before and `?versionId=` behind. */
function copySource(headers: IncomingHttpHeaders): { path: string; version?: string } | undefined {
  const header = text(headers['x-amz-copy-source']);
  if (header === undefined) return undefined;
  const [path, version] = header.replace(/^\//, '').split('?versionId=');
  return { path: decodeURIComponent(path), version };
}

function keysToDelete({ body }: S3Request): { Key: string; VersionId?: string }[] {
  const { Delete } = parseXML(String(body)) as { Delete?: { Object?: { Key: string; VersionId?: string } | { Key: string; VersionId?: string }[] } };
  return [Delete?.Object ?? []].flat();
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join() : header;
}

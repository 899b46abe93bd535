import { actionsOfS3, type S3Request } from '../../../../local/aws-api/actions/s3';
import { Iam } from '../../../../local/iam/iam';

const ENVIRONMENT = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';

function actions(request: string, more: Partial<S3Request> = {}, iam = new Iam(ENVIRONMENT)) {
  const [method, url] = request.split(' ');
  const [path, search = ''] = url.split('?');
  const [, bucket, ...key] = path.split('/');
  return actionsOfS3({ method, bucket, key: key.join('/'), query: new Map(new URLSearchParams(search)), headers: {}, ...more }, iam, ENVIRONMENT);
}

const pairs = (...parameters: Parameters<typeof actions>) => actions(...parameters)?.map(({ action, resource }) => `${action} ${resource}`);

test.each<[string, ...string[]]>([
  ['GET /', 's3:ListAllMyBuckets *'],
  ['HEAD /logs', 's3:ListBucket arn:aws:s3:::logs'],
  ['GET /logs?list-type=2&prefix=a/&delimiter=/&max-keys=1', 's3:ListBucket arn:aws:s3:::logs'],
  ['GET /logs?versions&prefix=a', 's3:ListBucketVersions arn:aws:s3:::logs'],
  ['GET /logs?location', 's3:GetBucketLocation arn:aws:s3:::logs'],
  ['GET /logs?uploads', 's3:ListBucketMultipartUploads arn:aws:s3:::logs'],
  ['PUT /logs', 's3:CreateBucket arn:aws:s3:::logs'],
  ['GET /logs/a/b.log?x-id=GetObject', 's3:GetObject arn:aws:s3:::logs/a/b.log'],
  ['GET /logs/a?partNumber=2', 's3:GetObject arn:aws:s3:::logs/a'],
  ['HEAD /logs/a', 's3:GetObject arn:aws:s3:::logs/a'],
  ['GET /logs/a?versionId=1', 's3:GetObjectVersion arn:aws:s3:::logs/a'],
  ['GET /logs/a?tagging', 's3:GetObjectTagging arn:aws:s3:::logs/a'],
  ['PUT /logs/a?x-id=PutObject', 's3:PutObject arn:aws:s3:::logs/a'],
  ['POST /logs/a?uploads', 's3:PutObject arn:aws:s3:::logs/a'],
  ['PUT /logs/a?partNumber=1&uploadId=u', 's3:PutObject arn:aws:s3:::logs/a'],
  ['POST /logs/a?uploadId=u', 's3:PutObject arn:aws:s3:::logs/a'],
  ['GET /logs/a?uploadId=u', 's3:ListMultipartUploadParts arn:aws:s3:::logs/a'],
  ['DELETE /logs/a?uploadId=u', 's3:AbortMultipartUpload arn:aws:s3:::logs/a'],
  ['DELETE /logs/a', 's3:DeleteObject arn:aws:s3:::logs/a'],
  ['DELETE /logs/a?versionId=1', 's3:DeleteObjectVersion arn:aws:s3:::logs/a'],
])('%s', (request, ...expected) => {
  expect(pairs(request)).toEqual(expected);
});

test.each(['GET /logs?policy', 'PUT /logs?acl', 'GET /logs/a?attributes', 'PUT /logs/a?unheard-of=1', 'POST /logs/a', 'PATCH /logs/a'])('%s is no known operation', request => {
  expect(actions(request)).toBeUndefined();
});

test('several objects are deleted one by one', () => {
  const body = Buffer.from('<Delete><Object><Key>a</Key></Object><Object><Key>b &amp; c</Key><VersionId>1</VersionId></Object></Delete>');

  expect(pairs('POST /logs?delete', { body })).toEqual(['s3:DeleteObject arn:aws:s3:::logs/a', 's3:DeleteObjectVersion arn:aws:s3:::logs/b & c']);
  expect(pairs('POST /logs?delete', { body: Buffer.from('<Delete><Object><Key>a</Key></Object></Delete>') })).toEqual(['s3:DeleteObject arn:aws:s3:::logs/a']);
});

test('a copy is a read and a write', () => {
  expect(pairs('PUT /logs/a', { headers: { 'x-amz-copy-source': 'dags/with%20space' } })).toEqual(['s3:PutObject arn:aws:s3:::logs/a', 's3:GetObject arn:aws:s3:::dags/with space']);
  expect(pairs('PUT /logs/a', { headers: { 'x-amz-copy-source': '/dags/x?versionId=1' } })).toEqual(['s3:PutObject arn:aws:s3:::logs/a', 's3:GetObjectVersion arn:aws:s3:::dags/x']);
});

test('tags, access lists and locks that come with an object need their own permissions', () => {
  const headers = { 'x-amz-tagging': 'a=b', 'x-amz-acl': 'public-read', 'x-amz-object-lock-mode': 'GOVERNANCE', 'x-amz-object-lock-legal-hold': 'ON' };

  expect(pairs('PUT /logs/a', { headers })).toEqual(['PutObject', 'PutObjectTagging', 'PutObjectAcl', 'PutObjectRetention', 'PutObjectLegalHold'].map(action => `s3:${action} arn:aws:s3:::logs/a`));
});

test('a bucket with a customer managed key needs the key as well', () => {
  const iam = new Iam(ENVIRONMENT);
  iam.encrypt('arn:aws:s3:::logs', KEY);
  const kms = (...parameters: Parameters<typeof actions>) => pairs(...parameters)!.filter(pair => pair.startsWith('kms:'));

  expect(kms('GET /logs/a', {}, iam)).toEqual([`kms:Decrypt ${KEY}`]);
  expect(kms('HEAD /logs/a', {}, iam)).toEqual([]);
  expect(kms('PUT /logs/a', {}, iam)).toEqual([`kms:GenerateDataKey ${KEY}`]);
  expect(kms('POST /logs/a?uploads', {}, iam)).toEqual([`kms:GenerateDataKey ${KEY}`, `kms:Decrypt ${KEY}`]);
  expect(kms('PUT /dags/a', { headers: { 'x-amz-copy-source': 'logs/a' } }, iam)).toEqual([`kms:Decrypt ${KEY}`]);
  expect(actions('GET /logs/a', {}, iam)![1].context).toEqual({ 'kms:ViaService': 's3.eu-west-1.amazonaws.com', 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::logs' });
});

test('a listing says which prefix it is for, and a request without one that it has none', () => {
  expect(actions('GET /logs?prefix=a/')![0].context).toMatchObject({ 's3:prefix': 'a/', 's3:delimiter': undefined });
  expect(actions('HEAD /logs')![0].context).toHaveProperty(['s3:prefix'], undefined);
});

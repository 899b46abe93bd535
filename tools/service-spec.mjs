// What the runner needs of AWS's resource registry, as one small file beside the bundle: which properties there are, which of them
// need a new resource when they change, and which ones `cdk diff` shows as security-related. It stands for the database of
// @aws-cdk/aws-service-spec, which is larger than the whole package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// the one that @aws-cdk/cloudformation-diff brings
const { loadAwsServiceSpecSync } = createRequire(createRequire(import.meta.url).resolve('@aws-cdk/cloudformation-diff'))('@aws-cdk/aws-service-spec');

const said = ({ causesReplacement, scrutinizable }) => ({
  ...['yes', 'maybe'].includes(causesReplacement) && { causesReplacement },
  ...scrutinizable && scrutinizable !== 'None' && { scrutinizable },
});
const resources = loadAwsServiceSpecSync().all('resource').map(resource => [resource.cloudFormationType, {
  ...said(resource),
  properties: Object.fromEntries(Object.entries(resource.properties).map(([name, property]) => [name, said(property)])),
}]);

const folder = join(root, 'assets/local');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'service-spec.json.gz'), gzipSync(JSON.stringify(Object.fromEntries(resources)), { level: 9 }));

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Stands for `@aws-cdk/aws-service-spec` in the bundle, with what `tools/service-spec.mjs` has taken from it. */
export function loadAwsServiceSpecSync() {
  const file = join(__dirname, 'service-spec.json.gz');
  const resources = new Map(Object.entries(JSON.parse(gunzipSync(readFileSync(file)).toString()) as Record<string, object>));
  return { lookup: (_entity: string, _field: string, _operator: string, type: string) => [resources.get(type) ?? []].flat() };
}

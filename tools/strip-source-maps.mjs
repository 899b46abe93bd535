// Takes the source maps out of lib/: jsii writes them into each file, with the source, and they would be a quarter of the package.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

for (const file of readdirSync('lib', { recursive: true, encoding: 'utf-8' }).filter(name => name.endsWith('.js'))) {
  const path = join('lib', file);
  const code = readFileSync(path, 'utf-8');
  const stripped = code.replace(/^\/\/# sourceMappingURL=data:.*$/m, '');
  if (stripped !== code) {
    writeFileSync(path, stripped);
  }
}

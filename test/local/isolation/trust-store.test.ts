import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrustStore } from '../../../local/isolation/trust-store';
import { scratchFolder } from '../scratch-folder';

const folder = join(scratchFolder(), 'trust');

test('adds nothing to containers before it has anything', () => {
  const store = new TrustStore(folder);

  expect([store.environment, store.directories]).toEqual([{}, []]);
});

test('holds what the machine trusts and what was added', async () => {
  const store = new TrustStore(folder);
  await store.add('one');
  await store.add('two');

  expect(store.environment).toEqual({ SSL_CERT_FILE: join(folder, 'authorities.pem') });
  expect(store.directories).toEqual([{ host: folder, container: folder, writable: false }]);
  const content = readFileSync(join(folder, 'authorities.pem'), 'utf-8');
  expect(content).toMatch(/one\ntwo$/);
  expect(content.split('BEGIN CERTIFICATE').length).toBeGreaterThan(50);
});

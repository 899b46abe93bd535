import { X509Certificate } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from './scratch-folder';
import { serverCertificate } from '../../local/certificates';

const NAME = 'airflowdatabase.cluster-local.eu-central-1.rds.amazonaws.com';
const folder = join(scratchFolder(), 'tls');

test('the server certificate is for the name and signed by the authority', async () => {
  const made = await serverCertificate(folder, NAME);
  const certificate = new X509Certificate(made.certificate);
  const authority = new X509Certificate(made.authority);

  expect(certificate.checkHost(NAME)).toBe(NAME);
  expect(certificate.checkHost('localhost')).toBeUndefined();
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
  expect(authority.ca && authority.verify(authority.publicKey)).toBe(true);
});

test('it is kept, for its owner only, and without the key of the authority', async () => {
  const again = await serverCertificate(folder, NAME);

  expect(await serverCertificate(folder, NAME)).toEqual(again);
  expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'server.crt', 'server.key']);
  expect(readdirSync(folder).map(file => statSync(join(folder, file)).mode % 0o1000)).toEqual([0o600, 0o600, 0o600]);
});

import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

export interface Certificate {
  /** PEM */
  readonly certificate: string;
  /** PEM, PKCS #8 */
  readonly privateKey: string;
  /** PEM of the authority that signed it */
  readonly authority: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEARS = 10;

/** A server certificate from an authority of its own, made once and kept in the folder, readable by its owner only. */
export async function serverCertificate(folder: string, name: string): Promise<Certificate> {
  const path = (file: string) => join(folder, file);
  const files = { certificate: path('server.crt'), privateKey: path('server.key'), authority: path('ca.crt') };
  if (!Object.values(files).every(existsSync)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const made = await makeCertificate(name);
    for (const [key, file] of Object.entries(files)) {
      await writeFile(file, made[key as keyof Certificate], { mode: 0o600 });
    }
  }
  return {
    certificate: await readFile(files.certificate, 'utf-8'),
    privateKey: await readFile(files.privateKey, 'utf-8'),
    authority: await readFile(files.authority, 'utf-8'),
  };
}

/** The authority's key is thrown away: nobody can sign a second certificate with it. */
async function makeCertificate(name: string): Promise<Certificate> {
  x509.cryptoProvider.set(webcrypto);
  const notBefore = new Date(Date.now() - 24 * 3600 * 1000); // clocks of virtual machines jump
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notAfter.getFullYear() + YEARS);
  const authorityKeys = await keyPair();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=serverless-airflow local authority',
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const keys = await keyPair();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name.slice(0, 64)}`, // the longest common name; the alternative name counts
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const privateKey = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: certificate.toString('pem'), privateKey, authority: authority.toString('pem') };
}

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

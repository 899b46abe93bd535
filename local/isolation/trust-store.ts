import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Directory } from './isolation';

/** Where distributions keep the authorities that the machine trusts. */
const OF_MACHINE = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];

/**
 * The authorities that containers trust: those of the machine, and those of servers here that stand for AWS's. Every image trusts the ones that have
 * signed AWS's certificates.
 */
export class TrustStore {
  private readonly authorities = new Set<string>();

  /** @param folder of its own */
  constructor(private readonly folder: string) {}

  /** @param authority PEM */
  async add(authority: string): Promise<void> {
    this.authorities.add(authority);
    const file = OF_MACHINE.find(existsSync);
    const ofMachine = file === undefined ? rootCertificates.join('\n') : await readFile(file, 'utf-8');
    await mkdir(this.folder, { recursive: true, mode: 0o755 });
    await writeFile(this.file, [ofMachine, ...this.authorities].join('\n'), { mode: 0o644 });
  }

  /** Variables of a container, once there is anything to trust: what OpenSSL reads its authorities from. */
  get environment(): Record<string, string> {
    return this.authorities.size === 0 ? {} : { SSL_CERT_FILE: this.file };
  }

  get directories(): Directory[] {
    return this.authorities.size === 0 ? [] : [{ host: this.folder, container: this.folder, writable: false }];
  }

  private get file(): string {
    return join(this.folder, 'authorities.pem');
  }
}

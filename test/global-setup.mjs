// Whatever tests leave in the system's folder for temporary files goes when they have ended: CDK writes a cloud assembly there for each app, 600 in all.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function () {
  // a short name: there are sockets below, whose paths may have 107 characters
  globalThis.temporaryFolder = process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'sa-'));
}

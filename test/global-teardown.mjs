import { rmSync } from 'node:fs';

export default function () {
  rmSync(globalThis.temporaryFolder, { recursive: true });
}

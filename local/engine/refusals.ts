import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Refusal, SecurityGroups } from '../isolation/security-groups';

const INTERVAL = 1000;

/** Tells each pair that no security group rule allows once: in `status` and in the log of who wanted to connect. On AWS it would just time out. */
export class Refusals {
  readonly seen: Refusal[] = [];
  private readonly lines = new Set<string>();
  private readonly timer?: NodeJS.Timeout;

  constructor(private readonly securityGroups: SecurityGroups, private readonly logFolder: string) {
    if (securityGroups.enforced) {
      this.timer = setInterval(() => void this.look().catch((error: Error) => console.error(error)), INTERVAL);
    }
  }

  async look(): Promise<void> {
    for (const refusal of await this.securityGroups.refused()) {
      const line = refusalLine(refusal);
      if (!this.lines.has(line)) {
        this.lines.add(line);
        this.seen.push(refusal);
        const folder = join(this.logFolder, refusal.source);
        mkdirSync(folder, { recursive: true });
        appendFileSync(join(folder, 'security-groups.log'), `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
      }
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}

export function refusalLine({ source, destination, protocol, port, missing }: Refusal): string {
  const rule = missing === 'egress' ? `no egress rule of ${source}` : `no ingress rule of ${destination}`;
  return `refused: ${source} → ${destination}:${port}${protocol === 'tcp' ? '' : `/${protocol}`} (${rule})`;
}

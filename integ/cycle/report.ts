/** Prints one line for each check, and counts them. */
export class Report {
  private passed = 0;
  private failed = 0;

  public section(title: string): void {
    console.log(`\n${title}`);
  }

  /** Runs a check: it fails by throwing. Returns whether it passed, for those whose failure makes the next ones pointless. */
  public async check(what: string, body: () => Promise<void> | void): Promise<boolean> {
    const start = Date.now();
    const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
    try {
      await body();
      this.passed += 1;
      console.log(`  ok      ${what} (${seconds()})`);
      return true;
    } catch (error) {
      this.failed += 1;
      console.log(`  FAILED  ${what} (${seconds()})\n${indent(error instanceof Error ? error.message : String(error))}`);
      return false;
    }
  }

  /** Prints the closing line; returns the exit code. */
  public close(): number {
    console.log(`\n${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 ? 0 : 1;
  }
}

function indent(text: string): string {
  return text.trim().split('\n').map(line => `          ${line}`).join('\n');
}

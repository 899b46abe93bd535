import * as pc from 'picocolors';

/** Whatever takes longer hangs: no check depends on the machine's speed. */
export const HANGS_SECONDS = 300;

/** Assertions that go on after a failure, so that one run tells everything that is wrong. */
export class Checks {
  private passed = 0;
  private failed = 0;

  get failures(): number {
    return this.failed;
  }

  section(title: string): void {
    console.log(`\n${title}`);
  }

  /** Whether it holds, for those whose failure makes the next ones pointless. */
  async that(claim: string, verify: () => void | Promise<void>): Promise<boolean> {
    const start = Date.now();
    const seconds = () => pc.dim(`(${((Date.now() - start) / 1000).toFixed(1)} s)`);
    try {
      await verify();
      this.passed += 1;
      console.log(`${pc.green('✓')} ${claim} ${seconds()}`);
      return true;
    } catch (error) {
      this.failed += 1;
      const reason = error instanceof Error ? error.message : String(error);
      console.log(`${pc.red('✗')} ${claim} ${seconds()}\n    ${reason.trim().replaceAll('\n', '\n    ')}`);
      return false;
    }
  }

  /** The closing line. */
  summary(): string {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}

import * as pc from 'picocolors';

/** Assertions that go on after a failure, so that one run tells everything that is wrong. */
export class Checks {
  private passed = 0;
  private failed = 0;

  get failures(): number {
    return this.failed;
  }

  async that(claim: string, verify: () => void | Promise<void>): Promise<void> {
    try {
      await verify();
      this.passed += 1;
      console.log(`${pc.green('✓')} ${claim}`);
    } catch (error) {
      this.failed += 1;
      console.log(`${pc.red('✗')} ${claim}\n    ${error instanceof Error ? error.message.replaceAll('\n', '\n    ') : error}`);
    }
  }

  /** The closing line. */
  summary(): string {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}

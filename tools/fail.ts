/** The end of a command that has failed: what is wrong, without a stack trace, and exit code 1. */
export function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

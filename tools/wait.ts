import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every `interval` ms until there is an answer; the error after `seconds` says what was awaited. */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>, interval = 250): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${seconds} s`);
    }
    await sleep(interval);
  }
}

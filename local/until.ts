import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every `interval` ms until there is an answer; the error after `seconds` is the given one, or says what was awaited. */
export async function until<T>(
  awaited: string | (() => Error | Promise<Error>), seconds: number, ask: () => Promise<T | undefined>, interval = 250,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw typeof awaited === 'string' ? new Error(`${awaited}: not within ${seconds} s`) : await awaited();
    }
    await sleep(interval);
  }
}

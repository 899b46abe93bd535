import { setTimeout as sleep } from 'node:timers/promises';

/** A hang: no machine is so busy. */
const LIMIT = 180_000;

/** Asks until the answer is not false. */
export async function until<T>(what: string, condition: () => T | false | Promise<T | false>): Promise<T> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const value = await condition();
    if (value !== false) return value;
    if (Date.now() > deadline) throw new Error(`${what}: it never came true`);
    await sleep(25);
  }
}

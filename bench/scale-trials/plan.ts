/** What happens to pools at work, all at the same time, and how many trials that is. */
export const ROUNDS = { 'workers leave': 4, 'Redis is away': 4, 'the scaler is killed': 4, 'deployments': 8, 'a roll-back': 4 } as const;

export type Round = keyof typeof ROUNDS;

const MODULUS = 2 ** 31 - 1;

/** Numbers that look random and are the same for the same seed (Park and Miller). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed % (MODULUS - 1) + 1;
    for (let skipped = 0; skipped < 10; skipped++) this.next(); // the first ones of small seeds are all small
  }

  /** 0 to 1, without 1. */
  next(): number {
    this.state = this.state * 16_807 % MODULUS;
    return (this.state - 1) / (MODULUS - 1);
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.whole(0, left.length - 1), 1)[0]);
  }
}

/** Every kind of round in turn, in another order each time, until there are as many trials as wanted. */
export function plan(trials: number, random: Random, rounds: readonly Round[]): Round[] {
  const planned: Round[] = [];
  for (let left = trials, turn: Round[] = []; left > 0;) {
    if (turn.length === 0) turn = random.shuffled(rounds);
    const round = turn.shift()!;
    planned.push(round);
    left -= ROUNDS[round];
  }
  return planned;
}

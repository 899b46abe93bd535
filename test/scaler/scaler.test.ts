import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { findPython } from '../../local/install/python';

/** What may happen before each call of the scaler: see `World.event`. Beyond them nothing does. */
const EVENTS = 16;
/** `PROTOCOL_RUNS=5000` tries so many schedules. */
const RUNS = Number(process.env.PROTOCOL_RUNS ?? 40);

/** Schedules that break an invariant of a program which leaves out one step, found as those below and made short. */
const MISTAKES: Record<string, number[]> = {
  'nobody is told to take nothing': [5, 1, 11, 8, 11, 11],
  'idle once is enough': [],
  'unprotected before it is idle': [0, 11, 12, 5, 8, 14, 8, 12, 11, 5, 6, 8, 9],
  'the time to drain is always over': [0, 7, 0, 11, 2, 9, 3, 1, 12, 5, 14, 8, 4, 12, 7, 1, 9, 11, 9],
  'lowered first': [0],
  'lowered beside workers that are not protected': [2, 9, 8, 9, 1, 5, 3, 8, 0, 1],
  'lowered while workers are missing': [2, 9, 8, 9, 1, 5, 3, 8, 0, 1],
  'taken back without protection': [1, 5, 3, 3, 6, 6, 3, 3, 10, 3, 5, 4, 2, 1, 6, 10, 8, 6, 3, 5, 0, 2, 9, 2, 4, 6, 1],
  'who leaves is forgotten after a crash': [10, 5, 3, 8, 2, 4, 6, 13, 0],
  'one that takes tasks counts as idle': [5, 1, 11, 8, 11, 11],
};

let python: string;
let world: ChildProcess;
let answers: AsyncIterator<string>;
let mutants: string[];

beforeAll(async () => {
  python = (await findPython()).executable;
  world = spawn(python, [join(__dirname, 'world.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  answers = createInterface({ input: world.stdout! })[Symbol.asyncIterator]();
  mutants = JSON.parse((await answers.next()).value);
});

afterAll(() => { world.kill(); });

/** What is wrong after a schedule, with the program as it is or with a mistake in it. */
async function violation(schedule: number[], mutant?: string): Promise<string | null> {
  world.stdin!.write(`${JSON.stringify({ schedule, mutant })}\n`);
  const { value } = await answers.next();
  return JSON.parse(value);
}

test('what each part of the program does', () => {
  const { status, stderr } = spawnSync(python, [join(__dirname, 'scaler_test.py')], { encoding: 'utf-8' });

  expect([status, stderr]).toEqual([0, expect.stringMatching(/^Ran [1-9]\d* tests/m)]);
});

test('whatever happens meanwhile, no task is lost, nobody is stopped who works, and in the end there are as many workers as needed', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(EVENTS), { maxLength: 200, size: 'max' }), async schedule => {
    expect(await violation(schedule)).toBeNull();
  }), { numRuns: RUNS, seed: 12, endOnFailure: false });
});

test('every step has a program that does it wrong', () => {
  expect(Object.keys(MISTAKES).sort()).toEqual(mutants);
});

test.each(Object.entries(MISTAKES))('a mistake is noticed: %s', async (mutant, schedule) => {
  expect(await violation(schedule, mutant)).not.toBeNull();
  expect(await violation(schedule)).toBeNull();
});

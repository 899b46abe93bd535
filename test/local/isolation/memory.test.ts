import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MemoryGroups, prepareMemoryLimits, removeMemoryLimits } from '../../../local/isolation/memory';

const { folder, limitation } = process.geteuid!() === 0 ? prepareMemoryLimits('root') : { limitation: 'memory limits need the superuser' };
if (limitation) process.stderr.write(`skipped: ${limitation}\n`);
afterAll(() => folder && removeMemoryLimits(folder));

test.each(['rootless', 'loopback'] as const)('says what is lost at level %s', level => {
  expect(prepareMemoryLimits(level)).toEqual({
    limitation: `memory limits are not enforced (control groups are the superuser's, isolation is ${level}): a task may use all memory of this machine`,
  });
});

if (folder) {
  const limit = (group: string) => ['memory.limit_in_bytes', 'memory.max'].map(name => join(group, name)).filter(existsSync).map(file => Number(readFileSync(file)))[0];

  test('a task and its containers have their limits until the task is removed', () => {
    const groups = new MemoryGroups(folder);
    groups.addTask('task', 256);
    const own = groups.addContainer('task', 'main', 64);
    groups.addContainer('task', 'main', 64); // one after another may have the same name
    const shared = groups.addContainer('task', 'other');

    expect([limit(join(folder, 'task')), limit(own)]).toEqual([256 * 1024 * 1024, 64 * 1024 * 1024]);
    expect(limit(shared) > 256 * 1024 * 1024 || Number.isNaN(limit(shared))).toBe(true);
    expect(groups.wasExceeded(own)).toBe(false);

    groups.removeTask('task');
    expect(existsSync(join(folder, 'task'))).toBe(false);
    expect(groups.wasExceeded(own)).toBe(false);
  });

  test('what a killed run has left goes when the next one begins', () => {
    const dead = join(dirname(folder), 'serverless-airflow-4194305'); // above the highest process id
    mkdirSync(join(dead, 'task', 'main'), { recursive: true });
    removeMemoryLimits(folder);

    prepareMemoryLimits('root');

    expect(existsSync(dead)).toBe(false);
    expect(existsSync(folder)).toBe(true);
  });
}

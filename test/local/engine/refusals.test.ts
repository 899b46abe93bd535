import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusals } from '../../../local/engine/refusals';
import { NOT_ENFORCED, type Refusal } from '../../../local/isolation/security-groups';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();
const refusal = (source: string, port: number, more: Partial<Refusal> = {}): Refusal => ({ source, destination: 'database', protocol: 'tcp', port, missing: 'ingress', ...more });

test('tells each pair once, in the log of who wanted to connect', async () => {
  let found = [refusal('worker', 5433), refusal('flower', 5432, { missing: 'egress', protocol: 'udp' })];
  const refusals = new Refusals({ ...NOT_ENFORCED, refused: async () => found }, folder);

  await refusals.look();
  found = [refusal('worker', 5433), refusal('worker', 22)];
  await refusals.look();
  refusals.close();

  expect(refusals.seen).toEqual([refusal('worker', 5433), refusal('flower', 5432, { missing: 'egress', protocol: 'udp' }), refusal('worker', 22)]);
  const linesOf = (service: string) => readFileSync(join(folder, service, 'security-groups.log'), 'utf-8').trim().split('\n').map(line => line.replace(/^\S+Z /, ''));
  expect(linesOf('worker')).toEqual(['refused: worker → database:5433 (no ingress rule of database)', 'refused: worker → database:22 (no ingress rule of database)']);
  expect(linesOf('flower')).toEqual(['refused: flower → database:5432/udp (no egress rule of flower)']);
  expect(readdirSync(folder).sort()).toEqual(['flower', 'worker']);
});

test('looks by itself while it is open', async () => {
  let refusals!: Refusals;
  let looks = 0;
  await new Promise<void>(done => {
    const refused = async () => {
      if (++looks === 2) done();
      return [];
    };
    refusals = new Refusals({ enforced: true, authorize: async () => {}, revoke: async () => {}, refused }, folder);
  });
  refusals.close();
  expect(looks).toBe(2);
});

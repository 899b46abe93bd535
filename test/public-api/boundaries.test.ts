import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import fc from 'fast-check';
import { EXTENDED, MAKERS, World } from './makers';
import { ApiProperty, structs } from './structs';
import { boundaries, wrong } from './values';
import { shown } from '../../src/properties/property-types';
import { cfnLint } from '../../tools/cfn-lint';
import { unaccepted } from '../static/accepted';
import { ACCEPTED_CFN_LINT } from '../static/accepted-cfn-lint';

/** `BOUNDARIES=all` tries every value and asks cfn-lint about a sample of the templates; without it there is a sample of the values. Both are the same each time. */
const ALL = process.env.BOUNDARIES === 'all';
const SEED = 10;
const SAMPLE = { numRuns: 12, seed: SEED };
/** cfn-lint takes seconds for each. */
const LINTED = 20;

const STRUCTS = structs();
const CASES = Object.keys(MAKERS).flatMap(struct => STRUCTS[struct].flatMap(property =>
  Array.from(boundaries(property.type), (_, index) => ({ struct, property, index }))));

test('every struct of API.md is tried, or is a part of others that are', () => {
  expect(Object.keys(STRUCTS).sort()).toEqual([...Object.keys(MAKERS), ...EXTENDED].sort());
  const tried = new Set(Object.keys(MAKERS).flatMap(struct => STRUCTS[struct].map(({ name, type }) => `${name}: ${type}`)));
  expect(EXTENDED.flatMap(struct => STRUCTS[struct]).filter(({ name, type }) => !tried.has(`${name}: ${type}`))).toEqual([]);
});

test.each(Object.keys(MAKERS))('%s: no property takes a wrong type, and each says what it takes', struct => {
  const world = new World();
  const accepted = STRUCTS[struct].flatMap(property => Object.entries(wrong(property.type))
    .map(([name, value]) => [`${property.name}: ${name}`, attempt(() => MAKERS[struct](anew(world), { [property.name]: value }), property, value)])
    .filter(([, mistake]) => mistake !== undefined));

  expect(accepted).toEqual([]);
});

test('a value at the ends of its type gives a template, or an error that names property, value and what is allowed', async () => {
  const templates: Record<string, object> = {};
  const check = ({ struct, property, index }: typeof CASES[number]) => {
    const world = new World();
    const value = boundaries(property.type)[index];
    const mistake = attempt(() => MAKERS[struct](world, { [property.name]: value }), property, value);
    if (mistake === undefined) { return undefined; }
    if (mistake !== ACCEPTED) { return mistake; }
    try {
      templates[`${struct}.${property.name}.${index}`] = Stage.of(world.stack)!.synth().getStackByName('Stack').template;
    } catch (error) {
      return `accepted, but not synthesized: ${(error as Error).message}`;
    }
    return undefined;
  };
  const label = ({ struct, property, index }: typeof CASES[number]) => `${struct}.${property.name} = ${shown(boundaries(property.type)[index])}`;

  if (ALL) {
    expect(CASES.map(each => [label(each), check(each)]).filter(([, mistake]) => mistake !== undefined)).toEqual([]);
    const names = new Set(fc.sample(fc.constantFrom(...Object.keys(templates)), { numRuns: LINTED, seed: SEED }));
    expect(await lint(Object.fromEntries(Object.entries(templates).filter(([name]) => names.has(name))))).toEqual([]);
  } else {
    fc.assert(fc.property(fc.constantFrom(...CASES), each => { expect([label(each), check(each)]).toEqual([label(each), undefined]); }), SAMPLE);
  }
}, 600_000);

const ACCEPTED = 'accepted';

/** What is refused at once leaves an empty construct only. */
function anew(world: World): World {
  world.scope = new Construct(world.stack, `Try${world.stack.node.children.length}`);
  return world;
}

/** What is wrong with the refusal of a value, if anything. */
function attempt(make: () => void, property: ApiProperty, value: unknown): string | undefined {
  try {
    make();
  } catch (error) {
    const { name, message, stack = '' } = error as Error;
    const from = stack.split('\n').find(line => line.trimStart().startsWith('at ')) ?? '';
    const well = name === 'Error' && message.startsWith('property ') && new RegExp(`\\b${property.name}\\b`).test(message) && / must (.*got |not contain )/s.test(message) && /\/src\//.test(from);
    return well ? undefined : `${name}: ${message} (${from.trim()}; ${shown(value)})`;
  }
  return ACCEPTED;
}

async function lint(templates: Record<string, object>): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'boundaries-'));
  try {
    const files = Object.entries(templates).map(([name, template]) => {
      const file = join(folder, `${name}.template.json`);
      writeFileSync(file, JSON.stringify(template, undefined, 1));
      return file;
    });
    const findings = await cfnLint(files);
    return findings ? unaccepted(findings.map(({ rule, path }) => ({ rule, where: path })), ACCEPTED_CFN_LINT) : ['cfn-lint is not installed'];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

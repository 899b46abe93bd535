// `npm run mutations`: makes every mistake of `test/mutations` in the default template and prints which layers catch it.
// `npm run mutations -- --systematic`: deletes and changes every value of the default template and prints what neither unit tests nor static rules catch.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { caughtByHandlerTests, HANDLER_MUTATIONS } from './handlers';
import { MUTATIONS } from './index';
import { brokenRules, failedChecks, mutate } from './layers';
import { report } from './report';
import { caughtByModel, caughtByScalingTests, SCALING_MUTATIONS, STEPS } from './scaling';
import { LEAST_SCORE, score } from './systematic';
import { cfnLint, LintFinding } from '../../tools/cfn-lint';
import { table } from '../../tools/table';
import { defaultStack } from '../default-template/stack';
import { unaccepted } from '../static/accepted';
import { ACCEPTED_CFN_LINT } from '../static/accepted-cfn-lint';

const LAYERS = ['unit', 'static', 'deploy'] as const;
type Layer = typeof LAYERS[number];

/** Which layers catch a mistake; undefined where it was not tried. */
interface Result extends Partial<Record<Layer, boolean>> {
  readonly name: string;
  readonly consequence: string;
}

const ROOT = join(__dirname, '../..');

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  try {
    const template = Template.fromStack(defaultStack()).toJSON();
    const mutants = MUTATIONS.map((mutation, index) => {
      const mutant = mutate(template, mutation);
      const file = join(folder, `${index}.json`);
      writeFileSync(file, JSON.stringify(mutant));
      return { ...mutation, mutant, file };
    });
    const lintFindings = await cfnLint(mutants.map(({ file }) => file)) ?? [];
    const refusals = deploy(join(folder, 'deployments'));

    const sourceTests = new Set([...caughtByHandlerTests(), ...caughtByScalingTests()]);
    const model = caughtByModel();

    const results: Result[] = [
      ...mutants.map(({ name, consequence, mutant, file }) => ({
        name,
        consequence,
        unit: failedChecks(mutant).next().value !== undefined,
        static: brokenRules(mutant).length > 0 || isLinted(lintFindings, file),
        deploy: refusals && name in refusals,
      })),
      ...[...HANDLER_MUTATIONS, ...SCALING_MUTATIONS].map(({ name, consequence }) => ({ name, consequence, unit: sourceTests.has(name) })),
      ...Object.entries(STEPS).map(([name, consequence]) => ({ name: `a step of the scaler: ${name}`, consequence, unit: model.has(name) })),
    ];
    print(results, refusals !== undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function systematic(): void {
  const result = score(Template.fromStack(defaultStack()).toJSON());
  console.log(report(result));
  process.exitCode = result.caught / result.total >= LEAST_SCORE ? 0 : 1;
}

function print(results: Result[], deployed: boolean): void {
  console.log(table(
    ['mistake', ...LAYERS, 'what would happen'],
    results.map(result => [result.name, ...LAYERS.map(layer => mark(result[layer])), result.consequence]),
  ));
  const count = (layer: Layer) => results.filter(result => result[layer]).length;
  console.log(`\nof ${results.length} mistakes unit tests catch ${count('unit')}, static checks ${count('static')}, `
    + `${deployed ? `deployments ${count('deploy')}` : 'deployments were not tried'}; a local run is only needed for what none of them catches`);

  const failed = results.filter(result => !LAYERS.some(layer => result[layer]));
  failed.forEach(({ name }) => console.log(`nothing catches: ${name}`));
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** Why deployments fail, by the name of the mistake; undefined where there is no local AWS. */
function deploy(file: string): Record<string, string> | undefined {
  const { status } = spawnSync(join(ROOT, 'integ/with-local-aws'), [join(ROOT, 'node_modules/.bin/ts-node'), 'test/mutations/deploy.ts', file], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, LOCAL_AWS_PORT: '5795' },
  });
  if (status !== 0) {
    throw new Error(`the deployments to the local AWS ended with ${status}`);
  }
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf-8')) : undefined;
}

function isLinted(findings: LintFinding[], template: string): boolean {
  const own = findings.filter(({ file }) => file === template).map(({ rule, path }) => ({ rule, where: path }));
  return unaccepted(own, ACCEPTED_CFN_LINT).length > 0;
}

function mark(caught: boolean | undefined): string {
  return caught === undefined ? 'not tried' : caught ? 'yes' : '-';
}

if (process.argv.includes('--systematic')) {
  systematic();
} else {
  main().catch(error => {
    console.error(error);
    process.exitCode = 1;
  });
}

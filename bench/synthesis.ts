import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { Figure } from './figures';
import { median } from './statistics';
import { ROOT } from '../tools/example';

const BUILD = join(ROOT, 'build/bench/synthesis');
const REPETITIONS = 5;

/** Synthesis in fresh processes, as `cdk synth` starts them; the time of the same process with an empty stack is CDK's own start. */
export function measureSynthesis(): Figure[] {
  compileLibrary();
  const empty = synthesize('empty-app');
  const one = synthesize('synthesis-app', 1);
  const twenty = synthesize('synthesis-app', 20);
  return [
    { what: "CDK's own start (empty stack)", unit: 's', value: empty.seconds },
    { what: 'synthesis of the default stack beyond that', unit: 's', value: one.seconds - empty.seconds, target: '≤ 1.5 s' },
    { what: 'synthesis with 20 workers beyond that', unit: 's', value: twenty.seconds - empty.seconds },
    { what: 'template of the default stack', unit: 'KB', value: one.bytes / 1000, target: '≤ 200 KB' },
    { what: 'template with 20 workers', unit: 'KB', value: twenty.bytes / 1000 },
    { what: 'template growth per worker', unit: 'KB', value: (twenty.bytes - one.bytes) / 19 / 1000 },
  ];
}

/** To JavaScript, as users get it: compiling is not synthesis. Files keep their places, because the library finds its handlers relative to them. */
function compileLibrary(): void {
  rmSync(BUILD, { recursive: true, force: true });
  mkdirSync(BUILD, { recursive: true });
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['src/**/*.ts', 'bench/*-app.ts'],
    outbase: ROOT,
    outdir: BUILD,
    format: 'cjs',
    platform: 'node',
  });
  symlinkSync(join(ROOT, 'assets'), join(BUILD, 'assets'));
}

function synthesize(app: string, workers = 0): { seconds: number; bytes: number } {
  const outdir = join(BUILD, `cdk.out.${workers}`);
  const seconds = Array.from({ length: REPETITIONS }, () => {
    const start = performance.now();
    execFileSync(process.execPath, [join(BUILD, `bench/${app}.js`), String(workers)], {
      env: { ...process.env, CDK_OUTDIR: outdir },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return (performance.now() - start) / 1000;
  });
  return { seconds: median(seconds), bytes: statSync(join(outdir, 'Benchmark.template.json')).size };
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DEFAULT_TEMPLATE } from '../default-template';
import { COMPONENTS } from '../default-template/check';
import { defaultStack } from '../default-template/stack';
import { scratchFolder } from '../local/scratch-folder';
import { SynthesizedStack } from '../private/template';

const synthesized = new SynthesizedStack(defaultStack());
const { containers } = synthesized;
const folder = scratchFolder();

describe.each(Object.entries(DEFAULT_TEMPLATE))('%s', (_, checks) => {
  test.each(checks)('$name', ({ check }) => check(synthesized));
});

describe('health check', () => {
  test.each([...COMPONENTS, 'redis'])('the shell understands the one of %s', container => {
    expect(spawnSync('sh', ['-n', '-c', containers[container].healthCheck!])).toMatchObject({ status: 0 });
  });

  test.each([
    ['dag-processor', 'DagProcessorJob'],
    ['triggerer', 'TriggererJob'],
    ['worker', 'active_queues'],
  ])('the code of %s is Python as the shell passes it on', (container, part) => {
    // a function instead of the interpreter, which compiles the code instead of running it
    const compile = 'python() { python3 -c "import ast,sys; ast.parse(sys.argv[1]); print(sys.argv[1])" "$2"; }; ';
    const check = containers[container].healthCheck!.replace(/\$\{Airflow[^}]*\}/g, 'database.example');
    const { status, stdout } = spawnSync('sh', ['-c', compile + check], {
      encoding: 'utf-8', env: { PATH: process.env.PATH, TMPDIR: folder, AIRFLOW__LOGGING__BASE_LOG_FOLDER: join(folder, 'logs') },
    });

    expect(status).toBe(0);
    expect(stdout).toContain(part);
  });
});

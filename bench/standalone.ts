import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AirflowApi } from '../local/airflow-api';
import { until } from '../local/until';
import { ROOT } from '../tools/example';
import { freePort } from '../tools/ports';
import { Process, processTree } from '../tools/processes';

const HOME = join(ROOT, 'build/bench/standalone');

/** `airflow standalone` of the same version, from the same virtual environment, with its own defaults (SQLite, LocalExecutor). */
export class Standalone {
  /** With `fresh`, its database is made first. */
  static async start(venv: string, dags: string, fresh: boolean): Promise<Standalone> {
    if (fresh) {
      rmSync(HOME, { recursive: true, force: true });
    }
    mkdirSync(HOME, { recursive: true });
    const port = await freePort();
    const started = performance.now();
    const output = openSync(join(HOME, 'standalone.log'), 'a');
    const child = spawn(join(venv, 'bin/airflow'), ['standalone'], {
      stdio: ['ignore', output, output],
      env: {
        HOME,
        LANG: 'C.UTF-8',
        PATH: `${join(venv, 'bin')}:${process.env.PATH}`,
        AIRFLOW_HOME: HOME,
        AIRFLOW__API__HOST: '127.0.0.1',
        AIRFLOW__API__PORT: String(port),
        AIRFLOW__CORE__DAGS_FOLDER: dags,
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${port}/execution/`,
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: 'True',
      },
    });
    const api = new AirflowApi(`http://127.0.0.1:${port}`);
    const standalone = new Standalone(child, api);
    try {
      await until('airflow standalone is healthy', 180, async () => {
        const health = await api.health().catch(() => ({}));
        const states = Object.values(health).map(({ status }) => status);
        return states.length > 0 && states.every(status => status === 'healthy') ? states : undefined;
      });
    } catch (error) {
      await standalone.stop();
      throw error;
    }
    standalone.startSeconds = (performance.now() - started) / 1000;
    return standalone;
  }

  startSeconds = 0;

  private constructor(private readonly child: ChildProcess, readonly api: AirflowApi) {}

  processes(): Process[] {
    return processTree(this.child.pid!);
  }

  async stop(): Promise<void> {
    const all = this.processes();
    this.child.kill('SIGINT');
    await until('airflow standalone ends', 60, async () => this.child.exitCode !== null || this.child.signalCode !== null || undefined);
    // it does not wait for all of its components
    for (const { pid } of all) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // already gone
      }
    }
  }
}

import { AIRFLOW_VERSION } from './airflow-version';
import type { Progress } from './cache';
import { npmPackages, type NpmPackages } from './npm';
import { findPython, virtualEnvironment, type Python } from './python';


export interface Software extends NpmPackages {
  readonly python: Python;
  /** moto, Valkey, dumb-init */
  readonly services: string;
  readonly airflow: string;
}

/** Everything that `up` needs and the package does not bring: fetched on first use, cached per user. */
export async function installSoftware(progress: Progress, signal?: AbortSignal): Promise<Software> {
  const python = await findPython(process.env, signal);
  const environments = async () => ({
    services: await virtualEnvironment('services', 'local AWS API and Valkey, 140 MB', python, progress, { signal }),
    airflow: await virtualEnvironment(`airflow-${AIRFLOW_VERSION}`, '500 MB', python, progress, { signal }),
  });
  const [npm, venvs] = await Promise.all([npmPackages(python, progress, { signal }), environments()]);
  return { python, ...npm, ...venvs };
}

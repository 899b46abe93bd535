import type { AirflowSecret } from './airflow-secret';
import type { Binding } from '../binding';

/** A URL around one password, which a container has in an environment variable. */
export interface SecretUrl {
  /** Up to the password, for example `redis://:`. */
  readonly prefix: string;
  readonly passwordVariable: string;
  /** After the password, for example `@redis.airflow:6379/0`. */
  readonly suffix: string;
}

/**
 * The variables that set Airflow options to URLs with the same password.
 *
 * Airflow expands `$VARIABLE` in its own environment, so a password of letters and digits needs nothing else: health checks, ECS Exec and
 * the `airflow` command all see the same option. Any other password must be percent-encoded, or it ends up in the host name; Airflow does not
 * expand what an option's command prints.
 *
 * @param options by the name of the variable, for example `AIRFLOW__CELERY__BROKER_URL`
 */
export function urlVariables(password: AirflowSecret, options: Record<string, SecretUrl>): Binding {
  const environment: Record<string, string> = {};
  const secrets: Required<Binding>['secrets'] = {};
  for (const [option, url] of Object.entries(options)) {
    secrets[url.passwordVariable] = password._toEcsSecret();
    if (password._generated) {
      environment[option] = `${url.prefix}$${url.passwordVariable}${url.suffix}`;
    } else {
      environment[`${option}_CMD`] = pythonCommand(`import os,urllib.parse as p;print(${pythonUrl(url)},end='')`);
    }
  }
  return { environment, secrets };
}

/** A Python expression for the URL with the password percent-encoded. It needs `import os,urllib.parse as p`. */
export function pythonUrl(url: SecretUrl): string {
  return `'${url.prefix}'+p.quote(os.environ['${url.passwordVariable}'],safe='')+'${url.suffix}'`;
}

/** A command line for Python code without double quotes, for a shell as well as for Airflow, which splits it as a shell would. */
export function pythonCommand(code: string): string {
  return `python -c "${code}"`;
}

import type { AirflowSecret } from './airflow-secret';
import { pythonCommand } from './secret-url';
import type { Binding } from '../binding';

/**
 * Sets an option of Airflow to a credential. Airflow expands `$NAME` and `~` in every variable, so that an existing secret with one of these would
 * be another in each container; it takes what an option's command prints as it is.
 *
 * @param option name of the variable, for example `AIRFLOW__API__SECRET_KEY`
 * @param passwordVariable where an existing secret is
 */
export function secretOption(option: string, passwordVariable: string, secret: AirflowSecret): Binding {
  return secret._generated ? { secrets: { [option]: secret._toEcsSecret() } } : {
    environment: { [`${option}_CMD`]: pythonCommand(`import os;print(os.environ['${passwordVariable}'],end='')`) },
    secrets: { [passwordVariable]: secret._toEcsSecret() },
  };
}

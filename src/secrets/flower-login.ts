import type { AirflowSecret } from './airflow-secret';
import { pythonCommand } from './secret-url';
import type { Binding } from '../binding';

/** Flower's user and password. Flower takes the password as it is: it is not a URL. */
export function flowerLogin(password: AirflowSecret): Binding {
  return {
    environment: {
      AIRFLOW_FLOWER_USERNAME: 'admin',
      ...password._generated
        ? { AIRFLOW__CELERY__FLOWER_BASIC_AUTH: '$AIRFLOW_FLOWER_USERNAME:$AIRFLOW_FLOWER_PASSWORD' }
        : { AIRFLOW__CELERY__FLOWER_BASIC_AUTH_CMD: pythonCommand("import os;print('{AIRFLOW_FLOWER_USERNAME}:{AIRFLOW_FLOWER_PASSWORD}'.format(**os.environ),end='')") },
    },
    secrets: { AIRFLOW_FLOWER_PASSWORD: password._toEcsSecret() },
  };
}

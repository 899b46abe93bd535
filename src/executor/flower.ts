import type { Binding } from '../binding';
import { pythonProgram } from '../python-program';
import type { AirflowSecret } from '../secrets/airflow-secret';

/**
 * Starts Flower as `airflow celery flower` does, with less that its page can do.
 *
 * - The password is set as one value. Flower's options split it at commas, and each part would be a password. It may have letters of other
 *   alphabets, which Flower itself does not compare.
 * - What Flower hears from workers has no tokens any more: it shows the arguments of tasks, and these hold the token that a worker starts a task
 *   with. Whoever uses one first acts as that task and reads every connection. They are taken out where messages are decoded, before Flower keeps
 *   anything.
 * - It does not send tasks. A forged one can run code on workers below Airflow 3.4.0.
 */
export const FLOWER = pythonProgram('executor/flower.py');

/** Flower's user and password. */
export function flowerLogin(password: AirflowSecret): Binding {
  return { environment: { AIRFLOW_FLOWER_USERNAME: 'admin' }, secrets: { AIRFLOW_FLOWER_PASSWORD: password._toEcsSecret() } };
}

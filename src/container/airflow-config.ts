import { Token } from 'aws-cdk-lib';
import { validateVariables } from './reserved-variables';
import { shown } from '../properties/property-types';

/** Settings of Airflow as variables, which it reads before any file: `[core] parallelism` is `AIRFLOW__CORE__PARALLELISM`. */
export function configVariables(config: { [section: string]: { [key: string]: string } } = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(config).flatMap(([section, settings]) =>
    Object.entries(settings).map(([key, value]) => [`AIRFLOW__${section.replaceAll('.', '_')}__${key}`.toUpperCase(), value])));
}

/** Refuses what belongs to the library, and what Airflow would not find. */
export function validateConfig(config: { [section: string]: { [key: string]: string } } = {}): void {
  for (const [section, settings] of Object.entries(config)) {
    for (const name of [section, ...Object.keys(settings)]) {
      if (Token.isUnresolved(name) || !/^[A-Za-z0-9]+([_.][A-Za-z0-9]+)*$/.test(name)) {
        throw new Error(`property airflowConfig must have names of sections and keys as airflow.cfg has them, letters, digits, "_" and ".", got ${shown(name)}`);
      }
    }
  }
  validateVariables('airflowConfig', configVariables(config));
}

import type { AirflowPreset } from './airflow-preset';
import { object } from '../properties/property-types';

export const PRESET = object<AirflowPreset>('an AirflowPreset, for example AirflowPreset.PRODUCTION', '_values');

import { npmPackages } from '../../local/install/npm';
import { findPython, virtualEnvironment } from '../../local/install/python';

/** The real stores, from the user's cache; the first time they are installed. Without Airflow, which is ten times as large. */
export async function storeSoftware() {
  const python = await findPython();
  const progress = () => {};
  const [services, { postgres }] = await Promise.all([virtualEnvironment('services', '', python, progress), npmPackages(python, progress)]);
  return { python, services, postgres };
}

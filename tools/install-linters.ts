import { installPythonTools } from './python-tools';

installPythonTools().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

import { Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';

/** The defaults, and a DAG folder. */
export function defaultStack(): Stack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(`${__dirname}/../../examples/typescript/getting-started/dags`)] });
  return stack;
}

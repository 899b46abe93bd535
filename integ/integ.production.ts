/** The preset for production, without Flower; only its data is deleted with the stack. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AirflowPreset, ServerlessAirflow } from '../src';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-production');
const airflow = new ServerlessAirflow(stack, 'Airflow', {
  preset: AirflowPreset.PRODUCTION,
  removalPolicy: RemovalPolicy.DESTROY,
  flower: { enabled: false },
});

expectAirflow(new IntegTest(app, 'Integ', { testCases: [stack] }), airflow);

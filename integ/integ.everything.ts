/** Every property that exists, with another value than its default. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { Stack } from 'aws-cdk-lib';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';
import { everything } from './helpers/everything';

const app = integApp();
const stack = new Stack(app, 'integ-everything');
const airflow = everything(stack);

expectAirflow(new IntegTest(app, 'Integ', { testCases: [stack] }), airflow);

/** Nothing but the construct; only its data is deleted with the stack. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ServerlessAirflow } from '../src';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-defaults');
const airflow = new ServerlessAirflow(stack, 'Airflow', { removalPolicy: RemovalPolicy.DESTROY });

expectAirflow(new IntegTest(app, 'Integ', { testCases: [stack] }), airflow);

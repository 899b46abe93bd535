/** A Fernet key alone: valid, and written once however often it is deployed. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { FernetKey } from '../src';
import { integApp } from './helpers/app';
import { expectFernetKey } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-fernet');
const fernetKey = new FernetKey(stack, 'FernetKey', { removalPolicy: RemovalPolicy.DESTROY });

expectFernetKey(new IntegTest(app, 'Integ', { testCases: [stack] }), fernetKey);

/** The broker in ElastiCache, with a replica in another zone: TLS, a password, and workers that follow their queue. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AirflowBroker, ServerlessAirflow, WorkerScaling } from '../src';
import { integApp } from './helpers/app';
import { expectStableServices } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-elasticache');
const { cluster, webServer, scheduler, dagProcessor, triggerer, flower } = new ServerlessAirflow(stack, 'Airflow', {
  broker: AirflowBroker.elastiCache({ nodeType: 'cache.t4g.small', replicas: 1, snapshotRetention: Duration.days(1) }),
  worker: { scaling: WorkerScaling.onQueue({ minWorkers: 1, maxWorkers: 2 }) },
  removalPolicy: RemovalPolicy.DESTROY,
});

expectStableServices(new IntegTest(app, 'Integ', { testCases: [stack] }), cluster, [webServer, scheduler, dagProcessor, triggerer, flower!]);

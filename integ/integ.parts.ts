/** Each construct on its own, composed by hand: a web server, a scheduler and a worker, each defined as one service. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AirflowBroker, AirflowCluster, AirflowComponent, AirflowDatabase, AirflowMigration, AirflowSecrets, AirflowService, AirflowWorkerPool, FernetKey,
  TaskLogs,
} from '../src';
import { integApp } from './helpers/app';
import { expectFernetKey, expectMigration, expectPrivateNames, expectStableServices } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-parts');
const removalPolicy = RemovalPolicy.DESTROY;

const cluster = new AirflowCluster(stack, 'Cluster', { removalPolicy });
const secrets = new AirflowSecrets(stack, 'Secrets', { removalPolicy });
const fernetKey = new FernetKey(stack, 'FernetKey', { removalPolicy });
const database = new AirflowDatabase(stack, 'Database', { vpc: cluster.vpc, deletionProtection: false, removalPolicy });
const migration = new AirflowMigration(stack, 'Migration', { cluster, database, secrets, fernetKey });
const parts = { cluster, secrets, fernetKey, database, migration, broker: AirflowBroker.redisOnFargate(), taskLogs: TaskLogs.s3() };

const services = Object.entries({
  WebServer: AirflowComponent.WEB_SERVER,
  Scheduler: AirflowComponent.SCHEDULER,
  DagProcessor: AirflowComponent.DAG_PROCESSOR,
  Triggerer: AirflowComponent.TRIGGERER,
  Flower: AirflowComponent.FLOWER,
}).map(([id, component]) => new AirflowService(stack, id, { component, ...parts }));
const worker = new AirflowWorkerPool(stack, 'Worker', parts);

const integ = new IntegTest(app, 'Integ', { testCases: [stack] });
expectStableServices(integ, cluster, [...services, worker]);
expectPrivateNames(integ, cluster, ['flower', 'redis', 'webserver']);
expectMigration(integ, cluster, migration);
expectFernetKey(integ, fernetKey);

// Run as a process of its own by synthesis.ts: the default stack with the given number of workers.
import { App, Stack } from 'aws-cdk-lib';
import { ServerlessAirflow } from '../src';

const app = new App({ context: { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true } }); // as the command `cdk` has it;
const stack = new Stack(app, 'Benchmark');
const airflow = new ServerlessAirflow(stack, 'Airflow');
for (let number = 2; number <= Number(process.argv[2]); number += 1) {
  airflow.addWorkerPool(`Pool${number}`, { queues: [`pool${number}`] });
}
app.synth();

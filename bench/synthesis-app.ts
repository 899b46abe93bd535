// Run as a process of its own by synthesis.ts: an empty stack, or the default stack with the given number of workers.
import { App, Stack } from 'aws-cdk-lib';

const workers = Number(process.argv[2]);
const app = new App();
const stack = new Stack(app, 'Benchmark');

if (workers > 0) {
  void import('../src').then(({ ServerlessAirflow }) => {
    const airflow = new ServerlessAirflow(stack, 'Airflow');
    for (let number = 2; number <= workers; number += 1) {
      airflow.addWorker(`Pool${number}`, { queues: [`pool${number}`] });
    }
    app.synth();
  });
} else {
  app.synth();
}

import { App, Size, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow, WorkerCapacity, WorkerScaling } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'WorkerPools');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory('dags')],
  worker: { scaling: WorkerScaling.onQueue({ minWorkers: 1, maxWorkers: 10 }) },
});

airflow.addWorkerPool('Reports', {
  queues: ['reports'],
  cpu: 2048,
  memoryLimitMiB: 8192,
  scaling: WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 5 }),
  capacity: WorkerCapacity.spot(),
});

airflow.addWorkerPool('Files', {
  queues: ['files'],
  concurrency: 2,
  ephemeralStorage: Size.gibibytes(50),
});

import * as path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { LANES, SLOTS } from './lanes';
import { DagSource, ServerlessAirflow, WorkerScaling } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'ScaleTrials');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
  worker: { enabled: false },
  // a worker that is killed is waited for that long instead of 300 s
  scheduler: { environment: { AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT: '120' } },
});
for (const lane of LANES) {
  airflow.addWorkerPool(lane.pool, {
    queues: [lane.queue],
    concurrency: SLOTS,
    scaling: WorkerScaling.onQueue({ minWorkers: lane.least, maxWorkers: 3, scaleInAfter: Duration.minutes(1), prewarmWorkers: 0 }),
  });
}

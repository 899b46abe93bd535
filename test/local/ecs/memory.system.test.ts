import { describeCluster } from './cluster-fixture';
import { python } from '../isolation/engine';

describeCluster('memory of a task', cluster => {
  const limited = cluster.memoryFolder ? test : test.skip;
  const fill = (mebibytes: number) => `exec ${python()} -c 'memory = b"x" * (${mebibytes} << 20); print("filled", flush=True); import time; time.sleep(600)'`;
  const OUT_OF_MEMORY = { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' };

  limited('a container that needs more memory than it may have is killed, and the reason says so', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container('greedy', fill(200), { memory: 64 })));
    expect(task).toMatchObject({ stoppedReason: 'Essential container in task exited', containers: [OUT_OF_MEMORY] });
  });

  limited('so is the one of a task whose containers need too much together', async () => {
    const [enough, greedy] = [cluster.container('enough', fill(150)), cluster.container('greedy', fill(200))];
    const task = await cluster.runTask({ ...cluster.taskDefinition(enough, greedy), memory: 256 });
    expect(task.containers.filter(({ reason }) => reason !== undefined)).toMatchObject([OUT_OF_MEMORY]);
  });

  limited('another SIGKILL has no such reason', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container('main', 'kill -KILL $$', { memory: 64 })));
    expect(task.containers).toEqual([expect.objectContaining({ exitCode: 137 })]);
    expect(task.containers[0].reason).toBeUndefined();
  });
}, true);

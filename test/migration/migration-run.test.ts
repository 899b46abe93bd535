import { Task } from '@aws-sdk/client-ecs';
import { InvocationEnds, MigrationRun, Progress } from '../../src/migration/migration-run';
import type { MigrationTasks } from '../../src/migration/migration-tasks';
import { NotPlaced } from '../../src/migration/passing-errors';

const ARN = (name: string) => `arn:aws:ecs:eu-west-1:111111111111:task/Airflow/${name}`;

/** Tasks that end after some seconds, in one of the ways that tasks end. */
interface Plan {
  readonly seconds: number;
  readonly end: Partial<Task>;
  /** Whether who starts it is not told. */
  readonly unanswered?: boolean;
}

const SUCCESS: Partial<Task> = { containers: ['databases', 'migrate', 'admin'].map(name => ({ name, exitCode: 0 })) };
const NOT_STARTED: Partial<Task> = {
  stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: toomanyrequests', containers: [{ name: 'databases' }],
};

/** ECS, on a clock on which a pause costs nothing. */
class Fixture {
  public readonly started: { token: string; at: number }[] = [];
  public readonly stopped: string[] = [];
  public stackStatus: string | undefined = 'UPDATE_IN_PROGRESS';
  public plans: (Plan | Error)[] = [{ seconds: 0, end: SUCCESS }];
  private seconds = 0;
  private readonly known: { task: Task; plan: Plan; start: number }[] = [];

  private readonly tasks = {
    running: async () => this.known.map(({ task }) => this.describe(task.taskArn!)).filter(({ lastStatus }) => lastStatus === 'RUNNING'),
    describe: async (taskArn: string) => this.describe(taskArn),
    start: async (token: string) => {
      this.started.push({ token, at: this.seconds });
      const plan = this.plans.length > 1 ? this.plans.shift()! : this.plans[0];
      if (plan instanceof Error) { throw plan; }
      const taskArn = this.add(`${this.started.length}`, 'this release', plan);
      if (plan.unanswered) { throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }); }
      return taskArn;
    },
    stop: async (taskArn: string) => {
      this.stopped.push(taskArn);
    },
    isOfThisRelease: (task: Task) => task.taskDefinitionArn === 'this release',
    logs: (taskArn: string, container: string) => `logs of ${container} in ${taskArn}`,
  } as unknown as MigrationTasks;

  public add(name: string, release: string, plan: Plan): string {
    this.known.push({ task: { taskArn: ARN(name), taskDefinitionArn: release }, plan, start: this.seconds });
    return ARN(name);
  }

  public run(progress: Partial<Progress> = {}, invocationSeconds = 100_000): MigrationRun {
    return new MigrationRun(
      this.tasks, 'request', { start: 0, seconds: 3480, stackStatus: 'UPDATE_IN_PROGRESS', attempts: 0, ...progress }, {
        clock: { now: () => this.seconds * 1000, sleep: async milliseconds => { this.seconds += milliseconds / 1000; } },
        end: (this.seconds + invocationSeconds) * 1000,
        stackStatus: async () => this.stackStatus,
      });
  }

  public get now(): number {
    return this.seconds;
  }

  private describe(taskArn: string): Task {
    const { task, plan, start } = this.known.find(known => known.task.taskArn === taskArn)!;
    return this.seconds - start >= plan.seconds ? { ...task, lastStatus: 'STOPPED', ...plan.end } : { ...task, lastStatus: 'RUNNING' };
  }
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
  jest.spyOn(console, 'log').mockImplementation();
});
afterEach(() => jest.restoreAllMocks());

test('says in the log what runs, at each change and once a minute', async () => {
  fixture.plans = [{ seconds: 150, end: SUCCESS }];

  await fixture.run().migrate();

  expect((console.log as jest.Mock).mock.calls.flat()).toEqual([
    '0 s: task 1 RUNNING', '60 s: task 1 RUNNING', '120 s: task 1 RUNNING',
    '150 s: task 1 STOPPED, databases undefined (0), migrate undefined (0), admin undefined (0)',
  ]);
});

describe('a start that does not work', () => {
  const clientException = (message: string) => Object.assign(new Error(message), { name: 'ClientException', $metadata: { httpStatusCode: 400 } });

  test.each([
    ['no capacity', new NotPlaced('RESOURCE:FARGATE')],
    ['a role that is not visible yet', clientException('ECS was unable to assume the role \'arn:aws:iam::1:role/a\' that was provided for this task.')],
    ['throttling', Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })],
    ['no answer', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['an image that is not served', { seconds: 30, end: NOT_STARTED }],
  ])('for %s is tried again with another token', async (_reason, failing) => {
    fixture.plans = [failing, failing, { seconds: 0, end: SUCCESS }];

    await fixture.run().migrate();

    expect(fixture.started.map(({ token }) => token)).toEqual(['request-1', 'request-2', 'request-3']);
  });

  test('is tried again after 5, 10, 20, 40 and then every 60 seconds, until the deployment does not wait any more', async () => {
    fixture.plans = [new NotPlaced('RESOURCE:FARGATE: no capacity in eu-west-1a')];

    await expect(fixture.run({ seconds: 300 }).migrate())
      .rejects.toThrow('the migration task could not be started within 300 seconds: RESOURCE:FARGATE: no capacity in eu-west-1a');

    expect(fixture.started.map(({ at }) => at)).toEqual([0, 5, 15, 35, 75, 135, 195, 255]);
  });

  test('is not tried again when CloudFormation has given the request up meanwhile', async () => {
    fixture.plans = [new NotPlaced('RESOURCE:FARGATE')];
    fixture.stackStatus = 'ROLLBACK_IN_PROGRESS';

    await expect(fixture.run({ stackStatus: 'CREATE_IN_PROGRESS' }).migrate()).rejects.toThrow('given this request up');

    expect(fixture.started).toHaveLength(1);
  });

  test('is tried again if CloudFormation does not say whether it has', async () => {
    fixture.plans = [new NotPlaced('RESOURCE:FARGATE'), { seconds: 0, end: SUCCESS }];
    fixture.stackStatus = undefined;

    await fixture.run().migrate();

    expect(fixture.started).toHaveLength(2);
  });

  test('without an answer can have worked: then no second task starts beside the first', async () => {
    fixture.plans = [{ seconds: 10, end: SUCCESS, unanswered: true }];

    await fixture.run().migrate();

    expect(fixture.started).toEqual([{ token: 'request-1', at: 0 }]);
    expect(fixture.stopped).toEqual([]);
  });

  test('for another reason is the end, at once', async () => {
    fixture.plans = [clientException('TaskDefinition is inactive')];

    await expect(fixture.run().migrate()).rejects.toThrow('ecs:RunTask failed: ClientException: TaskDefinition is inactive');

    expect(fixture.now).toBe(0);
  });
});

test('ends a task at once when one of its containers has failed', async () => {
  const failed = { name: 'databases', lastStatus: 'STOPPED', exitCode: 3 };
  fixture.add('lost', 'this release', { seconds: 30, end: { containers: [{ name: 'migrate', exitCode: 143 }, failed] } });
  const run = fixture.run({ taskArn: ARN('lost') });
  const describe = (run as any).tasks.describe;
  (run as any).tasks.describe = async (arn: string) => ({ containers: [{ name: 'migrate', lastStatus: 'PENDING' }, failed], ...await describe(arn) });

  await expect(run.migrate()).rejects.toThrow(`container databases exited with code 3; logs of databases in ${ARN('lost')}`);

  expect(fixture.stopped[0]).toBe(ARN('lost'));
});

describe('a task of an earlier deployment', () => {
  test('is waited for before the task of this one starts', async () => {
    fixture.add('earlier', 'another release', { seconds: 1000, end: SUCCESS });

    await fixture.run().migrate();

    expect(fixture.started).toEqual([{ token: 'request-1', at: 1000 }]);
    expect(fixture.stopped).toEqual([]);
  });

  test('of the same release is waited for instead of another', async () => {
    fixture.add('earlier', 'this release', { seconds: 1000, end: SUCCESS });

    await fixture.run().migrate();

    expect(fixture.started).toEqual([]);
    expect(fixture.now).toBe(1000);
  });

  test('that outlasts this deployment too goes on', async () => {
    fixture.add('earlier', 'another release', { seconds: 100_000, end: SUCCESS });

    await expect(fixture.run().migrate()).rejects.toThrow(
      `the migration has not ended within 3480 seconds and goes on, as task ${ARN('earlier')}; the next deployment waits for it; `
      + `logs of migrate in ${ARN('earlier')}`);

    expect(fixture.now).toBe(3480);
    expect(fixture.started).toEqual([]);
    expect(fixture.stopped).toEqual([]);
  });
});

describe('the end of an invocation', () => {
  test('leaves the task to the next one', async () => {
    fixture.plans = [{ seconds: 2000, end: SUCCESS }];
    let run = fixture.run({}, 840);
    let invocations = 1;
    for (;;) {
      const ended = await run.migrate().then(() => true, error => {
        expect(error).toBeInstanceOf(InvocationEnds);
        return false;
      });
      if (ended) { break; }
      invocations += 1;
      run = fixture.run(JSON.parse(JSON.stringify(run.progress)), 840);
    }

    expect(invocations).toBe(3);
    expect(fixture.started).toHaveLength(1);
    expect(fixture.now).toBe(2000);
  });

  test('comes five times at most in the time that CloudFormation waits', async () => {
    fixture.plans = [{ seconds: 100_000, end: SUCCESS }];
    let run = fixture.run({}, 840);
    let invocations = 1;
    while (await run.migrate().catch(error => error) instanceof InvocationEnds) {
      invocations += 1;
      run = fixture.run(run.progress, 840);
    }

    expect(invocations).toBe(5);
  });
});

test('a request that ECS does not answer is sent again', async () => {
  const run = fixture.run();
  const { running } = (run as any).tasks;
  let asked = 0;
  (run as any).tasks.running = async () => {
    asked += 1;
    if (asked < 3) { throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }); }
    return running();
  };

  await run.migrate();

  expect(asked).toBe(3);
  expect(fixture.now).toBe(15);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { EcsProxy, type Call } from './ecs-proxy';
import { LANES, type Lane } from './lanes';
import { outcomeOf, type Outcome } from './outcome';
import type { Random, Round } from './plan';
import { RedisWatch, type Messages } from './redis-watch';
import { kill, killTask, scalerProcess } from './victims';
import { AirflowApi, DagRun, TaskInstance } from '../../local/airflow-api';
import { until } from '../../local/until';
import { ChangedTemplate } from '../../tools/changed-template';
import { HANGS_SECONDS } from '../../tools/checks';
import { LocalAirflow } from '../../tools/local-airflow';
import { patiently } from '../task-latency';

/** Seconds that a pool is quiet before a worker of it leaves. */
const QUIET = 60;
/** Of the scaler's restart policy: ECS does not start a container again that has run for less. */
const RESTART_PERIOD = 60;
/** A lost worker is noticed after 120 s. */
const TASK_SECONDS = HANGS_SECONDS + 120;
const NO_MESSAGES: Messages = { waiting: 0, taken: 0 };

/** DAGs of each lane: for two workers, for less than one, for two of which one is killed. */
type Dag = 'load' | 'few' | 'tried_again';

interface Work {
  readonly lane: Lane;
  readonly run: DagRun;
}

/** Work in a pool, through which something has happened. */
interface Trial {
  readonly lane: Lane;
  readonly kind: string;
  readonly works: readonly Work[];
  readonly before: Messages;
  readonly hit: boolean;
  readonly workerKilled?: boolean;
}

type Lanes<T> = (lane: Lane) => Promise<T>;

/** Where the scaler is killed, each time before or after a request: while there are more workers, or fewer. */
const MORE: Record<string, (call: Call) => boolean> = {
  'raises the number': ({ action }) => action === 'UpdateService',
  'protects': ({ action, request }) => action === 'UpdateTaskProtection' && request.protectionEnabled === true,
};
const FEWER: Record<string, (call: Call) => boolean> = {
  'unprotects': unprotects,
  'lowers the number': ({ action }) => action === 'UpdateService',
};

function unprotects({ action, request }: Call): boolean {
  return action === 'UpdateTaskProtection' && request.protectionEnabled === false;
}

/** Rounds of trials in one running deployment: each pool is a trial of its own. */
export class Trials {
  private readonly api: AirflowApi;
  private readonly watch: RedisWatch;
  private deployments = 0;
  private readonly rounds: Record<Round, () => Promise<Omit<Trial, 'before'>[]>> = {
    'workers leave': async () => {
      const ways: Lanes<Omit<Trial, 'before'>>[] = [
        async lane => this.acceptBeforeCordon(lane), async lane => this.arriveBeforeUnprotection(lane),
        async lane => this.acceptBeforeCordon(lane), async lane => this.killWorker(lane),
      ];
      const lanes = this.random.shuffled(LANES);
      return Promise.all(ways.map(async (way, index) => way(lanes[index])));
    },
    'Redis is away': async () => {
      const works = await this.underLoad();
      await this.airflow.scale('redis', 0);
      await sleep(10_000);
      await this.airflow.scale('redis', 1);
      return works.map(work => ({ lane: work.lane, kind: 'Redis is away for 10 s', works: [work], hit: true }));
    },
    'the scaler is killed': async () => this.killScaler(),
    'deployments': async () => {
      const first = await this.underLoad();
      await this.deploy();
      const second = await this.begin('load', 5);
      await this.deploy('scheduler');
      return [
        ...first.map(work => ({ lane: work.lane, kind: 'a deployment under load', works: [work], hit: true })),
        ...second.map(work => ({ lane: work.lane, kind: 'another one at once', works: [work], hit: true })),
      ];
    },
    'a roll-back': async () => {
      const works = await this.underLoad();
      const undo = this.template.keep();
      for (const { service } of LANES) this.template.container(service, container => container.Command = ['bash', '-c', 'exit 3']);
      const { exitCode, output } = await this.airflow.deploy().finally(undo);
      if (exitCode !== 1) throw new Error(`a deployment of workers that end at once ended with exit code ${exitCode}: ${output}`);
      return works.map(work => ({ lane: work.lane, kind: 'a roll-back under load', works: [work], hit: true }));
    },
  };

  constructor(
    private readonly airflow: LocalAirflow,
    private readonly proxy: EcsProxy,
    private readonly template: ChangedTemplate,
    private readonly random: Random,
  ) {
    this.api = new AirflowApi(airflow.webServer, airflow.admin);
    this.watch = new RedisWatch(airflow);
  }

  close(): void {
    this.watch.close();
  }

  async ready(): Promise<void> {
    const dags = LANES.flatMap(({ number }) => ['load', 'few', 'tried_again'].map(name => `${name}_${number}`));
    await until('the DAGs are known to Airflow', HANGS_SECONDS, async () => {
      const known = await Promise.all(dags.map(async dag => this.api.dag(dag).catch(() => undefined)));
      return known.every(dag => dag) || undefined;
    });
    await until('Redis is watched', HANGS_SECONDS, async () => this.watch.messages(LANES[0]));
  }

  async run(round: Round): Promise<Outcome[]> {
    const before = new Map(LANES.map(lane => [lane, this.watch.messages(lane) ?? NO_MESSAGES]));
    const trials = (await this.rounds[round]()).map(trial => ({ ...trial, before: before.get(trial.lane)! }));
    const ended = await Promise.all(trials.map(async ({ works }) => (await Promise.all(works.map(async work => this.ended(work)))).flat()));
    const starts = await this.starts(trials);
    return Promise.all(trials.map(async ({ lane, kind, hit, workerKilled = false, before: earlier }, index) =>
      outcomeOf(kind, hit, workerKilled, ended[index], starts[index], await this.left(lane, earlier), earlier)));
  }

  /** The scaler has asked how much there is to do, and tells workers to take nothing more, when they have just taken something. */
  private async acceptBeforeCordon(lane: Lane): Promise<Omit<Trial, 'before'>> {
    const first = await this.work(lane, 'load', 1);
    const quietSince = lastEnd(await this.ended(first));
    const cordons = await this.said(lane, 'cordons');
    const second: Work[] = [];
    await this.proxy.once('before', call => this.isOf(lane, call) && call.action === 'DescribeServices' && this.isQuiet(call, quietSince), async () => {
      second.push(await this.work(lane, 'few', 8));
      await this.accepted(second[0]);
    });
    await sleep(5000);
    const hit = await this.said(lane, 'cordons') > cordons;
    return { lane, kind: 'accepted in the last second before the cordon', works: [first, ...second], hit };
  }

  /** The scaler has seen twice that a worker is idle, and ends its protection, when something arrives. */
  private async arriveBeforeUnprotection(lane: Lane): Promise<Omit<Trial, 'before'>> {
    const first = await this.work(lane, 'load', 1);
    const second: Work[] = [];
    let hit = false;
    await this.ended(first);
    await this.proxy.once('before', call => this.isOf(lane, call) && unprotects(call), async () => {
      second.push(await this.work(lane, 'few', 8));
      hit = await until('the tasks are in Redis', 8, async () => this.count(lane) >= 2 || undefined, 100).catch(() => false);
    });
    return { lane, kind: 'arrived in the last second before the unprotection', works: [first, ...second], hit };
  }

  private async killWorker(lane: Lane): Promise<Omit<Trial, 'before'>> {
    const work = await this.work(lane, 'tried_again', 20);
    const victim = await until('a task runs', HANGS_SECONDS, async () => (await this.tasks(work)).find(({ state, hostname }) => state === 'running' && hostname));
    const killed = killTask(victim.hostname!);
    return { lane, kind: 'a worker is killed', works: [work], hit: killed > 0, workerKilled: true };
  }

  private async killScaler(): Promise<Omit<Trial, 'before'>[]> {
    const began = Date.now();
    const more = this.random.next() < 0.5;
    const steps = Object.entries(more ? MORE : FEWER);
    const [step, matches] = steps[this.random.whole(0, steps.length - 1)];
    const moment = this.random.next() < 0.5 ? 'before' : 'after';
    let hit = false;
    const killed = new AbortController();
    const trap = this.proxy.once(moment, call => Date.now() - began > RESTART_PERIOD * 1000 && matches(call), async () => {
      const scaler = scalerProcess(this.proxy.endpoint);
      if (scaler) kill(scaler.pid);
      hit = scaler !== undefined;
      await sleep(300);
    }, killed.signal);
    let works: Work[];
    if (more) {
      await sleep(Math.max(0, began + RESTART_PERIOD * 1000 - Date.now()));
      works = [...await this.begin('load', 3), ...await this.begin('load', 3)]; // more than two workers have slots for
      await Promise.race([trap, sleep(90_000, undefined, { ref: false })]);
    } else {
      const first = await this.begin('few', 1);
      await Promise.race([trap, sleep(240_000, undefined, { ref: false })]);
      works = [...first, ...await this.begin('load', 3)];
    }
    killed.abort();
    await until('the scaler is there again', HANGS_SECONDS, async () => scalerProcess(this.proxy.endpoint));
    console.log(`  killed ${moment} it ${step}`);
    return LANES.map(lane => ({ lane, kind: 'the scaler is killed', works: works.filter(work => work.lane === lane), hit }));
  }

  /** Each worker has another variable, and so have others that are named. */
  private async deploy(...others: string[]): Promise<void> {
    this.deployments += 1;
    for (const service of [...LANES.map(({ service: name }) => name), ...others]) this.template.variable(service, 'DEPLOYED', String(this.deployments));
    const { exitCode, output } = await this.airflow.deploy();
    if (exitCode !== 0) throw new Error(`a deployment ended with exit code ${exitCode}: ${output}`);
  }

  /** Resolves when each pool works. */
  private async underLoad(): Promise<Work[]> {
    const works = await this.begin('load', this.random.whole(8, 16));
    await until('tasks run in each pool', HANGS_SECONDS, async () => {
      const tasks = await Promise.all(works.map(async work => this.tasks(work)));
      return tasks.every(some => some.some(({ state }) => state === 'running')) || undefined;
    }, 1000);
    return works;
  }

  private async begin(dag: Dag, seconds: number): Promise<Work[]> {
    return Promise.all(LANES.map(async lane => this.work(lane, dag, seconds)));
  }

  private async work(lane: Lane, dag: Dag, seconds: number): Promise<Work> {
    return { lane, run: await patiently(async () => this.api.trigger(`${dag}_${lane.number}`, { seconds })) };
  }

  private async tasks({ run }: Work): Promise<TaskInstance[]> {
    return patiently(async () => this.api.taskInstances(run));
  }

  /** As far as they end. */
  private async ended(work: Work): Promise<TaskInstance[]> {
    const look = async () => {
      const tasks = await this.tasks(work);
      return tasks.length > 0 && tasks.every(({ state }) => state === 'success' || state === 'failed') ? tasks : undefined;
    };
    return until('tasks end', TASK_SECONDS, look, 1000).catch(async () => this.tasks(work));
  }

  /** By Celery, whatever has become of them since. */
  private async accepted(work: Work): Promise<void> {
    await until('tasks are accepted', 25, async () => {
      const tasks = await this.tasks(work);
      const messages = this.watch.messages(work.lane);
      const queued = tasks.length > 0 && tasks.every(({ state }) => state !== null && state !== 'scheduled');
      return queued && messages && messages.waiting === 0 && messages.taken + tasks.filter(({ state }) => state !== 'queued').length >= tasks.length ? true : undefined;
    }, 100).catch(() => undefined);
  }

  private count(lane: Lane): number {
    const { waiting, taken } = this.watch.messages(lane) ?? NO_MESSAGES;
    return waiting + taken;
  }

  /** After a while: a task ends before its message is acknowledged. */
  private async left(lane: Lane, before: Messages): Promise<Messages> {
    const clean = async () => {
      const messages = this.watch.messages(lane);
      return messages && messages.waiting + messages.taken <= before.waiting + before.taken ? messages : undefined;
    };
    return until('Redis is empty', 60, clean).catch(() => this.watch.messages(lane) ?? { waiting: NaN, taken: NaN });
  }

  private isOf(lane: Lane, { service }: Call): boolean {
    return service.includes(`${lane.pool}Service`);
  }

  /** Whether the scaler asks in the first tick in which a pool has been quiet for long enough. */
  private isQuiet(call: Call, since: number): boolean {
    const ticks = this.proxy.calls.filter(each => each.action === 'DescribeServices' && this.isOf(LANES[0], each)).map(({ time }) => time);
    const last = ticks.filter(time => time < since).at(-1) ?? since;
    const now = ticks.filter(time => time <= call.time).at(-1) ?? 0;
    return now > last + QUIET * 1000;
  }

  /** How often the scaler has said it of a pool. */
  private async said({ service }: Lane, what: string): Promise<number> {
    return (await this.airflow.logs('scheduler')).split('\n').filter(line => line.includes(`${service}: ${what}`)).length;
  }

  private async starts(trials: readonly Omit<Trial, 'before'>[]): Promise<number[]> {
    const counts = trials.map(({ works }) => `count(*) filter (where ${works.map(({ run }) => `(dag_id, run_id) = ('${run.dag_id}', '${run.dag_run_id}')`).join(' or ')})`);
    return this.airflow.query<number[]>(`select ${counts.join()} from log where event = 'running'`);
  }
}

function lastEnd(tasks: readonly TaskInstance[]): number {
  return Math.max(...tasks.map(({ end_date: end }) => end ? Date.parse(end) : Date.now()));
}

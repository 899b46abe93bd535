import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { ACTIVE, TASKS, withDemandDatabase } from './demand-database';
import { median } from './statistics';
import { installSoftware } from '../local/install/installation';

// The queries of the scaler on a database that has been in use for long: their plans, and how long they take.
const REPETITIONS = 15;
const QUERIES = ['DEMAND', 'HOSTS', 'SOON'];
/** In a table of that size nothing is read from end to end. */
const LARGE = ['task_instance', 'dag_run'];

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Plans'?: Plan[];
}

async function main(): Promise<void> {
  await withDemandDatabase(await installSoftware(() => {}), async ({ client }) => {
    for (const name of QUERIES) { await measure(client, name); }
  });
}

async function measure(client: Client, name: string): Promise<void> {
  const query = queryOf(name);
  const { rows: [{ 'QUERY PLAN': [{ Plan: plan }] }] } = await client.query(`explain (format json) ${query}`);
  const scanned = nodes(plan).filter(node => node['Node Type'] === 'Seq Scan' && LARGE.includes(node['Relation Name'] ?? ''));
  if (scanned.length > 0) { throw new Error(`${name} reads ${scanned.map(node => node['Relation Name']).join()} from end to end: ${JSON.stringify(plan)}`); }
  const times: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const { rows: [{ 'QUERY PLAN': [{ 'Execution Time': time }] }] } = await client.query(`explain (analyze, timing off, format json) ${query}`);
    times.push(time);
  }
  const indexes = [...new Set(nodes(plan).map(node => (node as unknown as Record<string, string>)['Index Name']).filter(Boolean))];
  console.log(`${name}: ${median(times).toFixed(1)} ms, at most ${Math.max(...times).toFixed(1)} ms, by ${indexes.join(', ')}; ${ACTIVE} active of ${TASKS} task instances`);
}

/** The text of a query in the program. */
function queryOf(name: string): string {
  const program = readFileSync(join(__dirname, '..', 'src', 'scaler', 'scaler.py'), 'utf-8');
  const [, long, short] = new RegExp(`^${name} = (?:"""([\\s\\S]*?)"""|"(.*)")$`, 'm').exec(program)!;
  return long ?? short;
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

void main();

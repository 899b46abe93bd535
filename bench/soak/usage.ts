import type { LocalAirflow } from '../../tools/local-airflow';
import { COMPONENTS } from '../memory';

/** What the container of one component holds. */
export interface Usage {
  /** MiB, proportional set size */
  readonly memory: number;
  readonly processes: number;
  readonly zombies: number;
  /** Regular files in /tmp and /var/tmp, which are memory as well. */
  readonly files: number;
  /** KiB */
  readonly fileSize: number;
}

export type Usages = Record<string, Usage>;

/** What both databases hold: the answer of rows.py. */
export interface Rows {
  /** Of each table of the metadata database. */
  readonly rows: Record<string, number>;
  /** The tables that `airflow db clean` knows, and those whose rows go with theirs. */
  readonly cleaned: string[];
  /** The most that a DAG has. */
  readonly dagVersions: number;
  /** Rows of celery_taskmeta, and those that are older than a week. */
  readonly states: number;
  readonly oldStates: number;
}

/** Each container sees its own processes and files only; its shell and what that runs are not counted. */
const USAGE = `
pss=0; processes=0; zombies=0
for folder in /proc/[0-9]*; do
  { read -r stat < $folder/stat; } 2>/dev/null || continue
  set -- \${stat##*) }
  [ "$2" = $$ ] || [ "\${folder#/proc/}" = $$ ] && continue
  processes=$((processes + 1))
  [ "$1" = Z ] && zombies=$((zombies + 1))
  size=$(awk '/^Pss:/ { print $2 }' $folder/smaps_rollup 2>/dev/null)
  pss=$((pss + \${size:-0}))
done
files=$(find /tmp /var/tmp -type f -not -path /tmp/parses 2>/dev/null | wc -l)
size=$(du -skc /tmp /var/tmp 2>/dev/null | tail -n 1 | cut -f 1)
echo "$pss $processes $zombies $files \${size:-0}"`;

export async function measureUsage(airflow: LocalAirflow): Promise<Usages> {
  const usages: Usages = {};
  for (const component of COMPONENTS) {
    usages[component] = await usageOf(airflow, component);
  }
  return usages;
}

export async function usageOf(airflow: LocalAirflow, component: string): Promise<Usage> {
  const [pss, processes, zombies, files, fileSize] = (await airflow.exec(component, 'sh', '-c', USAGE)).trim().split(' ').map(Number);
  return { memory: pss / 1024, processes, zombies, files, fileSize };
}

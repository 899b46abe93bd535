import { DEFAULT_TEMPLATE } from '../default-template';
import { EXCLUSIONS } from './exclusions';
import { SynthesizedStack } from '../private/template';
import { TEMPLATE_RULES } from '../static/template-rules';

/** One value of the default template taken away or changed. */
export interface Mutant {
  readonly operation: 'delete' | 'change';
  /** `AWS::ECS::Service`, or the section where it is not a resource. */
  readonly kind: string;
  readonly logicalId: string;
  /** Within the resource: `Properties.ContainerDefinitions.worker.Environment.AIRFLOW_CONFIG.Value`. */
  readonly place: string;
  readonly before: unknown;
  /** What the value is now; undefined where it was deleted. */
  readonly after: unknown;
  readonly template: Template;
}

/** The part of the mutants that has to be caught. */
export const LEAST_SCORE = 0.95;

/** What became of all mutants. */
export interface Score {
  readonly total: number;
  readonly caught: number;
  readonly survivors: Mutant[];
  readonly excluded: number;
  /** How many mutants each pattern of `EXCLUSIONS` leaves out, in its order. */
  readonly uses: number[];
}

type Template = Record<string, any>;
type Path = (string | number)[];

/** Deletes and changes every value that this library decides, and says which of these mutants no check and no static rule catches. */
export function score(template: Template): Score {
  const uses = EXCLUSIONS.map(() => 0);
  const survivors: Mutant[] = [];
  const isCaught = catcher();
  if (isCaught(template)) { throw new Error('a check fails without any mistake: every mutant would be caught'); }
  let total = 0;
  let excluded = 0;
  for (const mutant of mutants(template)) {
    const exclusions = [...EXCLUSIONS.keys()].filter(index => EXCLUSIONS[index].pattern.test(describe(mutant)));
    exclusions.forEach(index => uses[index]++);
    if (exclusions.length > 0) {
      excluded++;
      continue;
    }
    total++;
    if (!isCaught(mutant.template)) { survivors.push(mutant); }
  }
  return { total, caught: total - survivors.length, survivors, excluded, uses };
}

/** `change AWS::ECS::Service Id.Properties.DesiredCount`: what the patterns of exclusions go by. */
export function describe({ operation, kind, logicalId, place }: Mutant): string {
  return `${operation} ${kind} ${logicalId}.${place}`;
}

/** Whether anything catches a mutant. The check that caught the one before is the first to be asked: neighbours mostly have the same. */
function catcher(): (template: Template) => boolean {
  const checks: ((template: Template, synthesized: SynthesizedStack) => void)[] = [
    ...Object.values(DEFAULT_TEMPLATE).flat().map(({ check }) => (_: Template, synthesized: SynthesizedStack) => check(synthesized)),
    ...Object.values(TEMPLATE_RULES).map(rule => (template: Template) => {
      if (rule(template).length > 0) { throw new Error('broken'); }
    }),
  ];
  return template => {
    let synthesized: SynthesizedStack;
    try {
      synthesized = new SynthesizedStack(template);
    } catch {
      return true; // every check begins with this
    }
    const index = checks.findIndex(check => throws(() => check(template, synthesized)));
    if (index > 0) { checks.unshift(...checks.splice(index, 1)); }
    return index >= 0;
  };
}

function throws(action: () => void): boolean {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0; // a fifth of the time: every expectation keeps one
    action();
    return false;
  } catch {
    return true;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Each with a template that shares with the original all that is not on the way to the changed value. */
function* mutants(template: Template): Generator<Mutant> {
  for (const { path, after } of changes(template, [], template)) {
    const [section, logicalId, ...place] = path;
    const resource = template[section][logicalId];
    const names = path.map((_, length) => nameOf(template, path.slice(0, length + 1)));
    yield {
      operation: after === undefined ? 'delete' : 'change',
      kind: section === 'Resources' ? resource.Type : section,
      logicalId: String(logicalId),
      place: names.slice(-place.length).join('.'),
      before: path.reduce((value, key) => value[key], template),
      after,
      template: replace(template, path, after),
    };
  }
}

/** What people call a place in a list, where it has a name: a container, a variable, a secret. */
function nameOf(template: Template, path: Path): string {
  const value = path.reduce((parent, key) => parent[key], template);
  const [key] = path.slice(-1);
  return typeof key === 'number' && typeof value.Name === 'string' ? value.Name : String(key);
}

interface Change {
  readonly path: Path;
  readonly after: unknown;
}

function* changes(value: any, path: Path, template: Template): Generator<Change> {
  if (typeof value !== 'object') {
    yield { path, after: undefined };
    yield { path, after: other(value, path, template) };
    return;
  }
  const [intrinsic, ...more] = Object.keys(value);
  if (more.length === 0 && /^(Ref|Fn::.*)$/.test(intrinsic)) {
    yield { path, after: undefined };
    yield* changesWithin(value[intrinsic], intrinsic, [...path, intrinsic], template);
    return;
  }
  for (const [key, child] of Object.entries<any>(value)) {
    const childPath = [...path, Array.isArray(value) ? Number(key) : key];
    // an entry of a list goes as a whole as well: a container, a statement, a rule
    if (Array.isArray(value) && isStructure(child)) { yield { path: childPath, after: undefined }; }
    yield* changes(child, childPath, template);
  }
}

/** A part of an intrinsic function cannot be missing: only the parts of a joined text can. */
function* changesWithin(value: any, intrinsic: string, path: Path, template: Template): Generator<Change> {
  if (intrinsic === 'Fn::Join') {
    yield* changes(value[1], [...path, 1], template);
  } else if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) {
      if (typeof part !== 'object') { yield { path: [...path, index], after: other(part, [...path, index], template) }; }
    }
  } else if (typeof value !== 'object') {
    yield { path, after: other(value, path, template) };
  }
}

function isStructure(value: any): boolean {
  return typeof value === 'object' && !/^(Ref|Fn::.*)$/.test(Object.keys(value)[0]);
}

/** A copy with another value at the path; with undefined, without it. */
function replace(node: any, [key, ...path]: Path, after: unknown): any {
  const copy = Array.isArray(node) ? [...node] : { ...node };
  if (path.length > 0) {
    copy[key] = replace(node[key], path, after);
  } else if (after !== undefined) {
    copy[key] = after;
  } else if (Array.isArray(copy)) {
    copy.splice(key as number, 1);
  } else {
    delete copy[key];
  }
  return copy;
}

/** Another value that could stand in the same place. */
function other(value: string | number | boolean, path: Path, template: Template): unknown {
  if (typeof value === 'boolean') { return !value; }
  if (typeof value === 'number') { return value + 1; }
  if (value in template.Resources && path[path.length - 1] !== 'Name') { return otherResource(value, template); }
  if (value in OTHER_WORD) { return OTHER_WORD[value]; }
  if (/^\d+$/.test(value)) { return String(Number(value) + 1); }
  return `${value}x`;
}

/** The next resource of the same type, which a mix-up would take. */
function otherResource(logicalId: string, { Resources }: Template): string {
  const same = Object.keys(Resources).filter(id => Resources[id].Type === Resources[logicalId].Type);
  const next = same[(same.indexOf(logicalId) + 1) % same.length];
  return next === logicalId ? `${logicalId}x` : next;
}

/** Words that CloudFormation has a few of, and what else could be written there. */
const OTHER_WORD: Record<string, string> = {
  ...bothWays('Allow', 'Deny'),
  ...bothWays('ENABLED', 'DISABLED'),
  ...bothWays('enabled', 'disabled'),
  ...bothWays('true', 'false'),
  ...bothWays('True', 'False'),
  ...bothWays('Retain', 'Delete'),
  RetainExceptOnCreate: 'Retain',
  ...bothWays('tcp', 'udp'),
  ...bothWays('exec', 'noexec'),
  ...bothWays('nosuid', 'suid'),
  ...bothWays('nodev', 'dev'),
  ...bothWays('ARM64', 'X86_64'),
  ...bothWays('arm64', 'x86_64'),
  ...bothWays('FARGATE', 'FARGATE_SPOT'),
  ...bothWays('AES256', 'aws:kms'),
  ...bothWays('Gateway', 'Interface'),
  ...bothWays('SUCCESS', 'COMPLETE'),
  ...bothWays('non-blocking', 'blocking'),
  ...bothWays('ecs-tasks.amazonaws.com', 'lambda.amazonaws.com'),
  Snapshot: 'Delete',
  http: 'grpc',
  awsvpc: 'bridge',
  LINUX: 'WINDOWS_SERVER_2022_CORE',
  MULTIVALUE: 'WEIGHTED',
  A: 'AAAA',
  ALL: 'NET_RAW',
};

function bothWays(one: string, another: string): Record<string, string> {
  return { [one]: another, [another]: one };
}

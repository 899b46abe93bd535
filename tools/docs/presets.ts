import { Duration } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { markdownTable } from './markdown';
import { AirflowPreset } from '../../src';

const PRESETS = [AirflowPreset._NONE, AirflowPreset.DEVELOPMENT, AirflowPreset.PRODUCTION];

/** What it means that a preset has no value. */
const ABSENT: Record<string, string> = {
  'removalPolicy': 'the database leaves a snapshot, the rest is retained',
  'database.monitoringInterval': 'never',
};

/** `docs/presets.md`: every property that differs between the presets, from the presets themselves. */
export function presets(): string {
  const values = PRESETS.map(preset => flatten(preset._values));
  const properties = [...new Set(values.flatMap(value => Object.keys(value)))];
  const rows = properties
    .map(property => [property, ...values.map(value => value[property] ?? ABSENT[property])])
    .filter(([, none, ...others]) => others.some(other => other !== none))
    .map(([property, none, ...others]) => [`\`${property}\``, none, ...others.map(other => other === none ? other : `**${other}**`)]);
  return `# Presets

\`preset: AirflowPreset.DEVELOPMENT\` or \`AirflowPreset.PRODUCTION\` of \`ServerlessAirflow\` changes what is bold here, and nothing else. Every other default stays.
A property that is given wins over the preset, each for itself: \`{ preset: AirflowPreset.PRODUCTION, scheduler: { desiredCount: 3 } }\` has three schedulers and the rest of the preset.

${markdownTable(['property', 'no preset', 'DEVELOPMENT', 'PRODUCTION'], rows)}

- \`cluster.…\` and \`database.…\` are properties of \`AirflowCluster\` and \`AirflowDatabase\`. Both have a property \`preset\`, too: define one with it and the property that has to be different. What
  exists already (a VPC, an ECS cluster, a database) stays as it is.
- \`removalPolicy: DESTROY\` deletes the database without a snapshot, the secrets, the Fernet key, the log groups and the buckets with their objects. Deletion protection of the database
  follows it: off with \`DESTROY\`, otherwise on.
- \`worker.…\` counts for \`addWorkerPool\`, too. An existing ECS cluster needs the capacity provider \`FARGATE_SPOT\` for \`useSpot\`.
- Without Flower there is no password with which workers can be stopped; \`flower: { enabled: true }\` brings it back.
- Redis, Flower and the DAG processor are one task each in every preset, which ECS replaces when it fails or its zone does. Two Redis servers behind one name would lose messages; a second DAG processor would
  read every file once more, and while the only one is replaced, DAGs run as they are.
- Sizes of tasks are the same in every preset: what they need depends on your DAGs.
`;
}

/** The leaves of an object by their path, as text. */
function flatten(value: object, path = ''): Record<string, string> {
  return Object.assign({}, ...Object.entries(value).map(([name, child]) => {
    const property = path + name;
    return typeof child === 'object' && !(child instanceof Duration) ? flatten(child, `${property}.`) : { [property]: text(name, child) };
  }));
}

function text(name: string, value: unknown): string {
  if (value instanceof Duration) {
    return value.toHumanString();
  }
  return name === 'logRetention' ? logs.RetentionDays[value as number] : String(value).replace('destroy', 'DESTROY');
}

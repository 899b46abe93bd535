import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import { markdownTable } from './markdown';
import { AirflowPreset, ServerlessAirflow, WorkerCapacity } from '../../src';

export const PRESETS = [AirflowPreset._NONE, AirflowPreset.DEVELOPMENT, AirflowPreset.PRODUCTION];

/** What it means that a preset has no value. */
const ABSENT: Record<string, string> = {
  'removalPolicy': 'the database leaves a snapshot, the rest is retained, except by a creation that fails',
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
- By default, what is retained is what a deployment had that once succeeded (\`RETAIN_ON_UPDATE_OR_DELETE\`): a creation that fails takes it along, except the bucket of DAG files, which is not empty by then.
  \`RETAIN\` keeps it in any case; \`SNAPSHOT\` means the default for everything but the database.
- \`removalPolicy: DESTROY\` deletes the database without a snapshot, the secrets, the Fernet key, the log groups and the buckets with their objects. Deletion protection of the database
  follows it: off with \`DESTROY\`, otherwise on; \`RemovalPolicies.of(…)\`, which comes later, counts as well.
- \`worker.…\` counts for \`addWorkerPool\`, too. An existing ECS cluster needs the capacity provider \`FARGATE_SPOT\` for \`WorkerCapacity.spot()\`.
- Without Flower there is no password with which workers can be stopped; \`flower: { enabled: true }\` brings it back.
- Redis, Flower and the DAG processor are one task each in every preset, which ECS replaces when it fails or its zone does. Two Redis servers behind one name would lose messages; a second DAG processor would
  read every file once more, and while the only one is replaced, DAGs run as they are.
- Sizes of tasks are the same in every preset: what they need depends on your DAGs.

## What an account has to allow

From the templates. An update of all services at once, as a new version or image is, starts the new tasks of each before it stops the old ones, and the migration before them: ask Service Quotas for that peak,
because services that find no capacity wait for hours, without a failure.

${markdownTable(['', 'no preset', 'DEVELOPMENT', 'PRODUCTION'], capacities())}
`;
}

/** What the services of each preset take of the quotas of Fargate, in vCPU, and of those of the image's registry, in pulls. */
function capacities(): string[][] {
  const columns = PRESETS.map(preset => {
    const template = presetTemplate(preset);
    const services = Object.values<any>(template.findResources('AWS::ECS::Service')).map(({ Properties }) => {
      const { Cpu, ContainerDefinitions } = template.toJSON().Resources[Properties.TaskDefinition.Ref].Properties;
      const vcpus = Number(Cpu) / 1024 * Properties.DesiredCount;
      return {
        vcpus,
        peak: vcpus * Properties.DeploymentConfiguration.MaximumPercent / 100,
        spot: Properties.CapacityProviderStrategy?.[0].CapacityProvider === 'FARGATE_SPOT',
        pulls: ContainerDefinitions[0].Name === 'redis' ? 0 : Properties.DesiredCount,
      };
    });
    const sum = (of: 'vcpus' | 'peak' | 'pulls', spot: boolean) => services.filter(service => service.spot === spot).reduce((total, service) => total + service[of], 0);
    return [sum('vcpus', false), sum('peak', false), sum('vcpus', true), sum('peak', true), sum('pulls', false) + sum('pulls', true) + 1].map(String);
  });
  const rows = [
    '`Fargate On-Demand vCPU resource count`, running', 'the same, at the peak of an update',
    '`Fargate Spot vCPU resource count`, running', 'the same, at the peak of an update',
    'pulls of the Airflow image at the first deployment, if nothing is tried twice',
  ];
  return rows.map((row, index) => [row, ...columns.map(column => column[index])]);
}

const TEMPLATES = new Map<AirflowPreset, Template>();

/** The template of an app with a preset and nothing else: several documents are made of it. */
export function presetTemplate(preset: AirflowPreset): Template {
  const template = TEMPLATES.get(preset) ?? synthesize(preset);
  TEMPLATES.set(preset, template);
  return template;
}

function synthesize(preset: AirflowPreset): Template {
  const stack = new Stack(new App({ context: { '@aws-cdk/core:annotationsInValidationReport': false } }), 'Stack');
  new ServerlessAirflow(stack, 'Airflow', { preset });
  return Template.fromStack(stack);
}

/** The leaves of an object by their path, as text. */
function flatten(value: object, path = ''): Record<string, string> {
  return Object.assign({}, ...Object.entries(value).map(([name, child]) => {
    const property = path + name;
    return typeof child === 'object' && !(child instanceof Duration || child instanceof WorkerCapacity) ? flatten(child, `${property}.`) : { [property]: text(name, child) };
  }));
}

function text(name: string, value: unknown): string {
  if (value instanceof Duration) {
    return value.toHumanString();
  }
  if (value instanceof WorkerCapacity) {
    return value._name;
  }
  return name === 'logRetention' ? logs.RetentionDays[value as number] : String(value).replace('destroy', 'DESTROY');
}

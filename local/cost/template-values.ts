import type { Template } from '../cloudformation';

export interface Range {
  readonly least: number;
  readonly most: number;
}

/** The logical id that a value refers to. */
export function referred(value: any): string | undefined {
  return value?.Ref ?? (Array.isArray(value?.['Fn::GetAtt']) ? value['Fn::GetAtt'][0] : undefined);
}

/** How many tasks of a service there are: a number, or what scales it between two. */
export function numberOfTasks(template: Template, logicalId: string): Range {
  return followingQueues(template)[logicalId] ?? autoScaled(template, logicalId) ?? fixed(template.Resources[logicalId].Properties?.DesiredCount);
}

function fixed(count: unknown): Range {
  const number = typeof count === 'number' ? count : 1;
  return { least: number, most: number };
}

/** Pools with `WorkerScaling.onQueue`: the scaler's variable has their bounds, as JSON with references in it. */
function followingQueues(template: Template): Record<string, Range> {
  const containers = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition')
    .flatMap(({ Properties }) => (Properties as any).ContainerDefinitions as { Environment?: { Name: string; Value: unknown }[] }[]);
  const values = containers.flatMap(({ Environment = [] }) => Environment).filter(({ Name }) => Name === 'SCALER');
  return Object.fromEntries(values.flatMap(({ Value }) => (JSON.parse(joined(Value)) as { pools: any[] }).pools)
    .map(({ service, min, max }) => [service, { least: min, most: max }]));
}

/** `service.autoScaleTaskCount`. */
function autoScaled(template: Template, logicalId: string): Range | undefined {
  const target = Object.values(template.Resources)
    .find(({ Type, Properties }) => Type === 'AWS::ApplicationAutoScaling::ScalableTarget' && joined(Properties?.ResourceId).split('/').includes(logicalId));
  return target && { least: Number(target.Properties!.MinCapacity), most: Number(target.Properties!.MaxCapacity) };
}

/** A text with logical ids for what is known at deployment only. */
function joined(value: any): string {
  if (typeof value === 'string') { return value; }
  const parts: unknown[] | undefined = value?.['Fn::Join']?.[1];
  return parts ? parts.map(joined).join('') : referred(value) ?? '';
}

import type { Charge } from './charge';
import type { Prices } from './prices';
import { numberOfTasks, referred } from './template-values';
import type { Template } from '../cloudformation';

/** What the task has without paying for it. */
const FREE_DISK_GIB = 20;

interface Strategy {
  readonly CapacityProvider: string;
  readonly Base?: number;
  readonly Weight?: number;
}

/** The tasks of a service, at the least and the most that run. */
export function serviceCharges(template: Template, logicalId: string, prices: Prices): Charge[] {
  const { Properties: service } = template.Resources[logicalId] as { Properties: Record<string, any> };
  const definition = template.Resources[referred(service.TaskDefinition) ?? '']?.Properties as Record<string, any> | undefined;
  if (!definition) {
    return [{ name: `tasks of ${logicalId}, whose task definition is not in this stack`, least: NaN, most: NaN }];
  }
  const { Cpu, Memory, EphemeralStorage, RuntimePlatform, ContainerDefinitions } = definition;
  const architecture = RuntimePlatform?.CpuArchitecture ?? 'X86_64';
  const [vcpus, gib] = [Number(Cpu) / 1024, Number(Memory) / 1024];
  const disk = Math.max(0, (EphemeralStorage?.SizeInGiB ?? 0) - FREE_DISK_GIB);
  const task = vcpus * prices.monthly(`fargate.${architecture}.vcpu`) + gib * prices.monthly(`fargate.${architecture}.gib`);
  const others = disk * prices.monthly('fargate.disk') + (publicAddress(service) ? prices.monthly('ipv4') : 0);
  const { least, most } = numberOfTasks(template, logicalId);
  const cost = (tasks: number, discount: string) => {
    const spot = spotTasks(tasks, service.CapacityProviderStrategy ?? []);
    return (tasks - spot) * task + spot * task * (spot > 0 ? prices.factor(discount) : 1) + tasks * others;
  };
  const number = least === most ? `${least}` : `${least} to ${most}`;
  const size = `${vcpus} vCPU, ${gib} GiB${disk > 0 ? `, ${EphemeralStorage.SizeInGiB} GiB disk` : ''}, ${architecture}`;
  const spot = spotTasks(most, service.CapacityProviderStrategy ?? []) > 0 ? ', Spot' : '';
  return [{ name: `${ContainerDefinitions[0].Name}: ${number} × ${size}${spot}`, least: cost(least, 'fargate.spot.least'), most: cost(most, 'fargate.spot.most') }];
}

/** How many of the tasks are on Spot capacity: what is beyond the base is shared out by weight. */
function spotTasks(tasks: number, strategies: Strategy[]): number {
  const bases = (spot: boolean) => strategies.filter(({ CapacityProvider }) => (CapacityProvider === 'FARGATE_SPOT') === spot);
  const total = (of: Strategy[], property: 'Base' | 'Weight') => of.reduce((all, strategy) => all + (strategy[property] ?? 0), 0);
  const weights = total(strategies, 'Weight');
  if (weights === 0) { return 0; }
  const base = Math.min(tasks, total(bases(true), 'Base'));
  const rest = Math.max(0, tasks - total(strategies, 'Base'));
  return base + rest * total(bases(true), 'Weight') / weights;
}

function publicAddress(service: Record<string, any>): boolean {
  return service.NetworkConfiguration?.AwsvpcConfiguration?.AssignPublicIp === 'ENABLED';
}

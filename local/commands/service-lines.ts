import pc from 'picocolors';
import type { ServiceStatus, TaskStatus } from '../ecs/cluster';

/** One line per service: what a person wants to know at a glance. */
export function serviceLines(services: readonly ServiceStatus[]): string[] {
  const width = Math.max(...services.map(({ name }) => name.length), 0);
  return services.map(service => {
    const state = serviceState(service);
    return `  ${state.paint(state.symbol)} ${service.name.padEnd(width)}  ${state.paint(state.text)}`;
  });
}

interface State {
  readonly symbol: string;
  readonly text: string;
  readonly paint: (text: string) => string;
}

function serviceState({ desiredCount, healthyCount, rolling, steady, tasks }: ServiceStatus): State {
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const count = desiredCount === 1 && running.length <= 1 ? '' : ` ${healthyCount}/${desiredCount}`;
  const addresses = running.map(({ address }) => address).join(', ');
  if (steady) {
    return desiredCount === 0 ? { symbol: '○', text: 'scaled to 0', paint: pc.dim } : { symbol: '●', text: `healthy${count}  ${addresses}`, paint: pc.green };
  }
  const stopped = tasks.find(({ lastStatus }) => lastStatus === 'STOPPED');
  const reason = stopped ? `  (last task: ${reasonOf(stopped)})` : '';
  const unhealthy = running.some(({ healthStatus }) => healthStatus === 'UNHEALTHY');
  return { symbol: '◌', text: `${unhealthy ? 'unhealthy' : rolling ? 'rolling' : 'starting'}${count}  ${addresses}${reason}`, paint: unhealthy ? pc.red : pc.yellow };
}

function reasonOf({ stoppedReason, containers }: TaskStatus): string {
  const exits = containers.filter(({ exitCode }) => exitCode !== undefined).map(({ name, exitCode }) => `${name} exit code ${exitCode}`);
  return [stoppedReason, ...exits].filter(Boolean).join(', ');
}

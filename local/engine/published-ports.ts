import { join } from 'node:path';
import type { Stack } from '../cloudformation';
import { UserError } from '../errors';

/** A port of a service that the host's loopback address has as well. */
export interface PublishedPort {
  /** Logical id of the ECS service. */
  readonly logicalId: string;
  readonly containerName: string;
  readonly containerPort: number;
  readonly hostPort: number;
}

interface RawContainer {
  readonly Name?: unknown;
  readonly PortMappings?: { ContainerPort?: unknown; AppProtocol?: unknown }[];
}

/**
 * The ports that speak HTTP (`AppProtocol: http`), read before anything starts: a taken host port is then told at once.
 * `publish` has `webserver=18080` and the like; 0 takes any free port.
 */
export function publishedPorts(stack: Pick<Stack, 'template'>, publish: readonly string[]): PublishedPort[] {
  const wanted = new Map(publish.map(parse));
  const ports: PublishedPort[] = [];
  for (const [logicalId, { Type, Properties }] of Object.entries(stack.template.Resources)) {
    const reference = Type === 'AWS::ECS::Service' ? (Properties?.TaskDefinition as { Ref?: string } | undefined)?.Ref : undefined;
    const containers = reference === undefined ? undefined : stack.template.Resources[reference]?.Properties?.ContainerDefinitions;
    for (const { Name, PortMappings = [] } of (containers ?? []) as RawContainer[]) {
      const http = PortMappings.find(({ AppProtocol }) => AppProtocol === 'http');
      if (http && typeof Name === 'string') {
        const containerPort = Number(http.ContainerPort);
        const key = plain(Name);
        ports.push({ logicalId, containerName: Name, containerPort, hostPort: wanted.get(key) ?? containerPort });
        wanted.delete(key);
      }
    }
  }
  const [unknown] = wanted.keys();
  if (unknown !== undefined) {
    throw new UserError(`--publish ${unknown}: no such service has an HTTP port; there are ${ports.map(port => port.containerName).join(', ') || 'none'}`);
  }
  return ports;
}

function parse(option: string): [string, number] {
  const [, service, port] = /^([\w-]+)=(\d+)$/.exec(option) ?? [];
  if (service === undefined || Number(port) > 65535) {
    throw new UserError(`--publish ${option}: give <service>=<port>, for example web-server=18080, or 0 for any free port`);
  }
  return [plain(service), Number(port)];
}

/** `webserver`, as in its private name, is `web-server`, the container. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('-', '');
}

/** The Unix socket that leads to the port, by its place in the list. */
export function portSocket(runFolder: string, index: number): string {
  return join(runFolder, `http-${index}.sock`);
}

import type { Stack } from '../../../local/cloudformation';
import { publishedPorts } from '../../../local/engine/published-ports';

const service = (taskDefinition: string) => ({ Type: 'AWS::ECS::Service', Properties: { TaskDefinition: { Ref: taskDefinition } } });
const taskDefinition = (Name: string, PortMappings: object[]) => ({ Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{ Name, PortMappings }] } });

const stack = {
  template: {
    Resources: {
      WebService: service('WebTask'),
      WebTask: taskDefinition('web-server', [{ ContainerPort: 8080, AppProtocol: 'http' }]),
      FlowerService: service('FlowerTask'),
      FlowerTask: taskDefinition('flower', [{ ContainerPort: 5555, AppProtocol: 'http' }]),
      RedisService: service('RedisTask'),
      RedisTask: taskDefinition('redis', [{ ContainerPort: 6379 }]),
      Unused: taskDefinition('unused', [{ ContainerPort: 80, AppProtocol: 'http' }]),
    },
  },
} as unknown as Stack;

test('HTTP ports of services have the same number on the host', () => {
  expect(publishedPorts(stack, [])).toEqual([
    { logicalId: 'WebService', containerName: 'web-server', containerPort: 8080, hostPort: 8080 },
    { logicalId: 'FlowerService', containerName: 'flower', containerPort: 5555, hostPort: 5555 },
  ]);
});

test.each(['web-server=18080', 'webserver=18080'])('--publish %s chooses another one', option => {
  expect(publishedPorts(stack, [option, 'flower=0']).map(({ hostPort }) => hostPort)).toEqual([18080, 0]);
});

test.each([
  ['redis=1', '--publish redis: no such service has an HTTP port; there are web-server, flower'],
  ['flower', '--publish flower: give <service>=<port>'],
  ['flower=99999', '--publish flower=99999: give <service>=<port>'],
])('fails for %s', (option, message) => {
  expect(() => publishedPorts(stack, [option])).toThrow(message);
});

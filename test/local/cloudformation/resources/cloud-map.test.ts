import { PhysicalNames } from '../../../../local/cloudformation/physical-names';
import { RealisedResources } from '../../../../local/cloudformation/realised-resources';
import type { Context, Created, StackResource } from '../../../../local/cloudformation/resource';
import { PRIVATE_DNS_NAMESPACE } from '../../../../local/cloudformation/resources/cloud-map';

const ENVIRONMENT = { partition: 'aws', region: 'us-east-1', account: '123456789012' };
const properties = { Name: 'airflow' };

test('a namespace has a name that no other stack has, until it is deleted', () => {
  const realised = new RealisedResources();
  const contextOf = (stack: string) => ({ names: new PhysicalNames(stack, ENVIRONMENT), realised }) as Context;
  const create = (stack: string) => PRIVATE_DNS_NAMESPACE.create({ logicalId: 'N', type: '', properties, unresolved: properties }, contextOf(stack)) as Created;
  const { ref } = create('one');

  expect(() => create('two')).toThrow('there is a private DNS namespace "airflow" already');
  expect(create('one').ref).toBe(ref); // brought back
  void PRIVATE_DNS_NAMESPACE.delete!({ logicalId: 'N', physicalId: ref, properties } as unknown as StackResource, contextOf('one'));
  expect(create('two').ref).not.toBe(ref);
});

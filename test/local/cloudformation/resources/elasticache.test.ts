import type { Properties, ResourceDeclaration } from '../../../../local/cloudformation/template';
import { failure, stackOf, TestCloud } from '../support';

let test: TestCloud;
beforeEach(async () => {
  test = await TestCloud.start();
});
afterEach(() => test.stop());

const resource = (Type: string, properties: Properties = {}): ResourceDeclaration => ({ Type, Properties: properties });
const parameters = resource('AWS::ElastiCache::ParameterGroup', { CacheParameterGroupFamily: 'valkey8', Properties: { 'maxmemory-policy': 'noeviction' } });
const PROPERTIES = {
  Engine: 'valkey',
  EngineVersion: '8.0',
  TransitEncryptionEnabled: true,
  AuthToken: 'abcdefghijklmnop',
  CacheParameterGroupName: { Ref: 'Parameters' },
  SecurityGroupIds: ['sg-1'],
  NumCacheClusters: 2,
  AutomaticFailoverEnabled: true,
  MultiAZEnabled: true,
};

function stack(properties: Properties = {}) {
  const outputs = { Primary: { Value: { 'Fn::GetAtt': ['Cache', 'PrimaryEndPoint.Address'] } }, Port: { Value: { 'Fn::GetAtt': ['Cache', 'PrimaryEndPoint.Port'] } } };
  return stackOf({ Parameters: parameters, Cache: resource('AWS::ElastiCache::ReplicationGroup', { ...PROPERTIES, ...properties }) }, { template: { Outputs: outputs } });
}

it('is a server with the password and the parameters of its group', async () => {
  const { outputs } = await test.deploy(stack());

  expect(test.caches).toEqual([{
    identifier: 'Cache',
    domain: expect.stringMatching(/^test-cache-[0-9a-f]{12}\.[0-9a-f]{6}\.use1\.cache\.amazonaws\.com$/),
    port: 6379,
    password: 'abcdefghijklmnop',
    parameters: { 'maxmemory-policy': 'noeviction' },
    securityGroups: ['sg-1'],
  }]);
  expect(outputs).toEqual({ Primary: `master.${test.caches[0].domain}`, Port: '6379' });
});

it('is not touched by what nobody sees of it, and goes with the stack', async () => {
  const local = await test.open(stack());
  await local.deploy(stack());
  await local.deploy(stack({ CacheNodeType: 'cache.r7g.large', NumCacheClusters: 3 }));
  expect(test.caches).toHaveLength(1);

  await local.deploy(stackOf({}));
  await local.close();
  expect(test.deleted).toEqual(['Cache']);
});

it.each<[Properties, string]>([
  [{ Engine: 'memcached' }, 'its parameter group is of the family valkey8, which is not that of the engine, memcached8'],
  [{ Engine: 'memcached', CacheParameterGroupName: 'default.memcached1.6' }, 'its Engine is "memcached"; the local runner has redis, valkey'],
  [{ EngineVersion: '7.2' }, 'its parameter group is of the family valkey8, which is not that of the engine, valkey7'],
  [{ NumNodeGroups: 2 }, 'it has cluster mode enabled; the local runner has servers with one shard'],
  [{ ClusterMode: 'enabled' }, 'it has cluster mode enabled; the local runner has servers with one shard'],
  [{ TransitEncryptionEnabled: false }, 'it has no TransitEncryptionEnabled or no AuthToken; the local runner has servers with both'],
  [{ AuthToken: { Ref: 'AWS::NoValue' } }, 'it has no TransitEncryptionEnabled or no AuthToken; the local runner has servers with both'],
  [{ AuthToken: 'short' }, 'Invalid AuthToken provided: it has to have 16 to 128 letters, digits and characters of !&#$^<>-'],
  [{ AuthToken: 'with/a/slash/in/it' }, 'Invalid AuthToken provided: it has to have 16 to 128 letters, digits and characters of !&#$^<>-'],
  [{ NumCacheClusters: 1 }, 'Replication group with automatic failover must have at least 1 replica: raise NumCacheClusters'],
  [{ AutomaticFailoverEnabled: false }, 'Multi-AZ needs AutomaticFailoverEnabled'],
  [{ SnapshotName: 'x' }, '"SnapshotName" cannot be realised locally; leave it out to run this template locally'],
  [{ CacheParameterGroupName: 'absent' }, 'its parameter group "absent" is not in this template'],
])('fails for %j', async (properties, message) => {
  expect(await failure(test.deploy(stack(properties)))).toBe(`Cache (AWS::ElastiCache::ReplicationGroup): ${message}`);
});

import { failure } from '../support';
import { item, TestAccount } from './support';

let test: TestAccount;
beforeEach(async () => {
  test = await TestAccount.start();
});
afterEach(async () => test.stop());

const one = async (StackName: string) => (await test.call('DescribeStacks', { StackName })).Stacks[0];
const statusesOf = async (StackName: string) => (await test.call('DescribeStackEvents', { StackName }) as unknown as { StackEvents: Record<string, string>[] })
  .StackEvents.map(event => `${event.LogicalResourceId} ${event.ResourceStatus}`).reverse();

describe('a change set', () => {
  it('makes a stack that waits, and what it would do', async () => {
    const TemplateBody = JSON.stringify({ Resources: { A: item('1') } });
    await test.call('CreateChangeSet', { StackName: 'App', ChangeSetName: 'first', ChangeSetType: 'CREATE', TemplateBody });

    expect(await one('App')).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS', StackName: 'App' });
    expect(await test.call('DescribeChangeSet', { StackName: 'App', ChangeSetName: 'first' })).toMatchObject({
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
      Changes: [{ Type: 'Resource', ResourceChange: { Action: 'Add', LogicalResourceId: 'A', ResourceType: 'Test::Type' } }],
    });
    expect(test.done).toEqual([]);
  });

  it('says what changes, and which resources are replaced', async () => {
    const secret = (Name: string) => ({ Type: 'AWS::SecretsManager::Secret', Properties: { Name } });
    await test.deploy('App', { A: item('1'), B: item('1'), C: secret('c') });
    const next = { StackName: 'App', ChangeSetName: 'next' };
    await test.call('CreateChangeSet', { ...next, TemplateBody: JSON.stringify({ Resources: { A: item('2'), C: secret('d') } }) });

    const changes = (await test.call('DescribeChangeSet', next)).Changes as { ResourceChange: Record<string, string> }[];
    const told = changes.map(({ ResourceChange: { Action, LogicalResourceId, Replacement } }) => [LogicalResourceId, [Action, Replacement]]);
    expect(Object.fromEntries(told)).toEqual({ A: ['Modify', 'False'], B: ['Remove', undefined], C: ['Modify', 'True'] });
  });

  it('without changes is a failure, which cannot be executed', async () => {
    await test.deploy('App', { A: item('1') });
    const again = { StackName: 'App', ChangeSetName: 'again', TemplateBody: JSON.stringify({ Resources: { A: item('1') } }) };
    await test.call('CreateChangeSet', again);

    expect(await test.call('DescribeChangeSet', again)).toMatchObject({ Status: 'FAILED', StatusReason: expect.stringContaining("didn't contain changes") });
    expect(await failure(test.call('ExecuteChangeSet', again))).toContain('cannot be executed in its current status of [FAILED]');
    expect(await failure(test.call('UpdateStack', again))).toBe('No updates are to be performed.');
  });

  it.each([
    ['tags', { Tags: [{ Key: 'a', Value: 'b' }] }],
    ['an output', { TemplateBody: JSON.stringify({ Resources: { A: item('1') }, Outputs: { O: { Value: 'x' } } }) }],
  ])('has something to do where %s change', async (_what, change) => {
    await test.deploy('App', { A: item('1') });
    await test.call('CreateChangeSet', { StackName: 'App', ChangeSetName: 'next', TemplateBody: JSON.stringify({ Resources: { A: item('1') } }), ...change });

    expect(await test.call('DescribeChangeSet', { StackName: 'App', ChangeSetName: 'next' })).toMatchObject({ Status: 'CREATE_COMPLETE', Changes: [] });
  });

  it.each([
    ['ChangeSetType IMPORT', { ChangeSetType: 'IMPORT' }],
    ['NotificationARNs', { NotificationARNs: ['arn:topic'] }],
    ['OnStackFailure DELETE', { OnStackFailure: 'DELETE' }],
  ])('with %s is refused by name', async (name, input) => {
    await test.deploy('App', { A: item('1') });

    expect(await failure(test.call('CreateChangeSet', { StackName: 'App', ChangeSetName: 'x', TemplateBody: '{"Resources":{"A":{"Type":"Test::Type"}}}', ...input })))
      .toBe(`${name} is not supported by the local CloudFormation`);
  });
});

describe('a creation that fails', () => {
  const resources = { A: item('1'), B: item('1', { DependsOn: 'A' }) };

  it('is rolled back, and the stack can only be deleted', async () => {
    test.failing.add('create B');

    expect(await test.deploy('App', resources)).toBe('ROLLBACK_COMPLETE');
    expect(test.done).toEqual(['create A', 'create B', 'delete A']);
    expect(await statusesOf('App')).toEqual([
      'App CREATE_IN_PROGRESS', 'A CREATE_IN_PROGRESS', 'A CREATE_COMPLETE', 'B CREATE_IN_PROGRESS', 'B CREATE_FAILED',
      'App ROLLBACK_IN_PROGRESS', 'A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE', 'App ROLLBACK_COMPLETE',
    ]);
    expect(await failure(test.deploy('App', resources))).toContain('is in ROLLBACK_COMPLETE state and can not be updated.');
  });

  it('stays where nobody wants a roll-back, until it is rolled back or goes on', async () => {
    test.failing.add('create B');

    expect(await test.deploy('App', resources, { DisableRollback: 'true' })).toBe('CREATE_FAILED');
    test.failing.clear();
    expect(await test.deploy('App', resources, { DisableRollback: 'true' })).toBe('UPDATE_COMPLETE');
    expect(test.done).toEqual(['create A', 'create B', 'create B']);
  });

  it('can be rolled back later', async () => {
    test.failing.add('create B');
    await test.deploy('App', resources, { DisableRollback: 'true' });
    await test.call('RollbackStack', { StackName: 'App' });

    expect(await test.rest('App')).toBe('ROLLBACK_COMPLETE');
    expect(test.done).toEqual(['create A', 'create B', 'delete A']);
  });
});

describe('an update that fails', () => {
  beforeEach(async () => {
    await test.deploy('App', { A: item('1'), B: item('1', { DependsOn: 'A' }) });
    test.failing.add('update B');
    test.done.splice(0);
  });
  const changed = { A: item('2'), B: item('2', { DependsOn: 'A' }) };

  it('without a roll-back is rolled back to what was complete, however often it has failed', async () => {
    await test.deploy('App', changed, { DisableRollback: 'true' });
    expect(await test.deploy('App', { ...changed, A: item('3') }, { DisableRollback: 'true' })).toBe('UPDATE_FAILED');
    test.failing.clear();
    await test.call('RollbackStack', { StackName: 'App' });

    expect(await test.rest('App')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(test.account.find('App')!.resources.map(({ properties }) => properties.Value)).toEqual(['1', '1']);
  });

  it('and whose roll-back fails can go on with it, without what cannot be restored', async () => {
    test.failing.add('update A');
    expect(await test.deploy('App', changed)).toBe('UPDATE_ROLLBACK_FAILED');

    await test.call('ContinueUpdateRollback', { StackName: 'App', ResourcesToSkip: ['A'] });
    expect(await test.rest('App')).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});

describe('a deletion', () => {
  it('leaves nothing; the stack is known by its id only, and one of the same name has other names', async () => {
    await test.deploy('App', { A: item('1'), B: item('1', { DependsOn: 'A' }) });
    const { StackId } = await one('App');
    const [{ physicalId }] = test.account.find('App')!.resources;
    await test.call('DeleteStack', { StackName: 'App' });

    expect(await test.rest(StackId as string)).toBe('DELETE_COMPLETE');
    expect(test.done.slice(2)).toEqual(['delete B', 'delete A']);
    expect(await failure(test.call('DescribeStacks', { StackName: 'App' }))).toBe('Stack with id App does not exist');
    expect(await failure(test.call('DescribeStackEvents', { StackName: 'App' }))).toBe('Stack [App] does not exist');
    expect(await test.call('DescribeStackEvents', { StackName: StackId })).toMatchObject({ StackEvents: expect.arrayContaining([]) });
    await test.deploy('App', { A: item('1') });
    expect(test.account.find('App')!.resources[0].physicalId).not.toBe(physicalId);
  });

  it('that fails keeps what failed and what that depends on; both can be retained then', async () => {
    await test.deploy('App', { A: item('1'), B: item('1', { DependsOn: 'A' }), C: item('1') });
    test.failing.add('delete B');
    await test.call('DeleteStack', { StackName: 'App' });

    expect(await test.rest('App')).toBe('DELETE_FAILED');
    expect(test.account.find('App')!.resources.map(({ logicalId }) => logicalId)).toEqual(['A', 'B']);
    expect((await one('App')).StackStatusReason).toBe('The following resource(s) failed to delete: [B, A]. ');
    const { id } = test.account.find('App')!;
    await test.call('DeleteStack', { StackName: 'App', RetainResources: ['B'] });
    expect(await test.rest(id)).toBe('DELETE_COMPLETE');
    expect(test.done.filter(what => what.startsWith('delete'))).toEqual(expect.arrayContaining(['delete B', 'delete C', 'delete A']));
  });

  it('is refused while the stack is protected', async () => {
    await test.deploy('App', { A: item('1') });
    await test.call('UpdateTerminationProtection', { StackName: 'App', EnableTerminationProtection: 'true' });

    expect(await failure(test.call('DeleteStack', { StackName: 'App' }))).toBe('Stack [App] cannot be deleted while TerminationProtection is enabled');
    await test.call('UpdateTerminationProtection', { StackName: 'App', EnableTerminationProtection: 'false' });
    await test.call('DeleteStack', { StackName: 'App' });
  });
});

it('refuses operations that it does not have, by name', async () => {
  expect(await failure(test.call('DetectStackDrift', { StackName: 'App' }))).toBe('the local CloudFormation has no operation DetectStackDrift');
});

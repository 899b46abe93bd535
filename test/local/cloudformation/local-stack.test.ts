import { failure, stackOf, TestCloud } from './support';
import { readEvents, STACK_TYPE, type LocalStack } from '../../../local/cloudformation';
import type { Resource, ResourceType, StackResource } from '../../../local/cloudformation/resource';
import type { ResourceDeclaration } from '../../../local/cloudformation/template';
import { UserError } from '../../../local/errors';

let test: TestCloud;
let stack: LocalStack;
/** What was done, in order: `create A`, `update A 1 → 2`, `delete A a-0`. */
let done: string[];
/** What fails: `update A`. */
let failing: Set<string>;

beforeEach(async () => {
  test = await TestCloud.start();
  done = [];
  failing = new Set();
});
afterEach(async () => {
  await stack.close();
  await test.stop();
});

function act(verb: string, logicalId: string, more = ''): void {
  done.push([verb, logicalId, more].filter(Boolean).join(' '));
  if (failing.has(`${verb} ${logicalId}`)) throw new UserError(`cannot ${verb}`);
}

const type: ResourceType = {
  create({ logicalId, properties }, { names }) {
    act('create', logicalId, properties.Value as string);
    return { ref: `${logicalId}-${names.generation}`, attributes: {} };
  },
  update({ logicalId, properties }, _context, before) {
    act('update', logicalId, `${String(before.properties.Value)} → ${String(properties.Value)}`);
    return { ref: before.physicalId, attributes: {} };
  },
  updates: { Value: 'supported', Tags: { harmless: 'nobody reads them' }, Engine: 'supported', SecretId: 'supported', Link: 'supported' },
  delete: ({ logicalId, physicalId }: StackResource) => act('delete', logicalId, physicalId),
  snapshot: ({ logicalId, physicalId }: StackResource) => act('snapshot', logicalId, physicalId),
  nameProperty: 'CustomName',
};

const resource = (Value: string, more: Partial<ResourceDeclaration> & { Properties?: object } = {}): ResourceDeclaration => ({
  Type: 'Test::Type', ...more, Properties: { Value, ...more.Properties },
});
/** Its name needs a new one, says AWS. */
const secret = (Name: string, more: Partial<ResourceDeclaration> & { Properties?: object } = {}): ResourceDeclaration => ({
  Type: 'AWS::SecretsManager::Secret', ...more, Properties: { Name, ...more.Properties },
});

async function first(resources: Record<string, ResourceDeclaration>): Promise<void> {
  stack = await test.open(stackOf(resources), { resourceType: () => type });
  await stack.deploy(stackOf(resources));
  done.splice(0);
  test.events.splice(0);
}

const update = async (resources: Record<string, ResourceDeclaration>) => stack.deploy(stackOf(resources));
const statuses = () => test.events.map(({ logicalId, status }) => `${logicalId} ${status}`);
const ofStack = () => readEvents(test.stateFolder).filter(event => event.type === STACK_TYPE).map(({ status }) => status);

describe('an update', () => {
  it('changes what differs, after what that depends on, and touches nothing else', async () => {
    await first({ A: resource('1'), B: resource('1', { DependsOn: 'A' }), C: resource('1') });

    await update({ A: resource('2'), B: resource('2', { DependsOn: 'A' }), C: resource('1') });

    expect(done).toEqual(['update A 1 → 2', 'update B 1 → 2']);
    expect(statuses()).toEqual(['A UPDATE_IN_PROGRESS', 'A UPDATE_COMPLETE', 'B UPDATE_IN_PROGRESS', 'B UPDATE_COMPLETE']);
    expect(ofStack()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE']);
  });

  it('is none where nothing differs', async () => {
    await first({ A: resource('1') });

    await update({ A: resource('1') });

    expect([done, test.events, ofStack()]).toEqual([[], [], ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']]);
  });

  it('makes another one where AWS does, before the old one goes, and others refer to the new one', async () => {
    await first({ A: secret('one'), B: resource('1', { Properties: { Link: { Ref: 'A' } } }) });

    await update({ A: secret('two'), B: resource('2', { Properties: { Link: { Ref: 'A' } } }) });

    expect(done).toEqual(['create A', 'update B 1 → 2', 'delete A A-0']);
    expect(test.events[0]).toMatchObject({ reason: 'Requested update requires the creation of a new physical resource; hence creating one.' });
    expect(readEvents(test.stateFolder).filter(({ logicalId }) => logicalId === 'A').map(({ status, physicalId }) => [status, physicalId]).slice(-4)).toEqual([
      ['UPDATE_IN_PROGRESS', 'A-0'], ['UPDATE_COMPLETE', 'A-1'], ['DELETE_IN_PROGRESS', 'A-0'], ['DELETE_COMPLETE', 'A-0'],
    ]);
  });

  it.each<[string, Partial<ResourceDeclaration>, string[], string]>([
    ['keeps', { UpdateReplacePolicy: 'Retain' }, ['create A'], 'A DELETE_SKIPPED'],
    ['takes a snapshot of', { UpdateReplacePolicy: 'Snapshot' }, ['create A', 'snapshot A A-0'], 'A DELETE_COMPLETE'],
    ['deletes', { DeletionPolicy: 'Retain' }, ['create A', 'delete A A-0'], 'A DELETE_COMPLETE'],
  ])('%s what was replaced, with %j', async (_name, policies, expected, status) => {
    await first({ A: secret('one', policies) });

    await update({ A: secret('two', policies) });

    expect([done, statuses().at(-1)]).toEqual([expected, status]);
  });

  it.each<[ResourceDeclaration, string[]]>([
    [resource('1'), ['delete A A-0']],
    [resource('1', { DeletionPolicy: 'Retain' }), []],
    [resource('1', { DeletionPolicy: 'RetainExceptOnCreate' }), []],
    [resource('1', { DeletionPolicy: 'Snapshot' }), ['snapshot A A-0']],
    [{ Type: 'AWS::RDS::DBCluster' }, ['snapshot A A-0']],
    [{ Type: 'AWS::RDS::DBInstance' }, ['snapshot A A-0']],
    [{ Type: 'AWS::RDS::DBInstance', Properties: { DBClusterIdentifier: 'cluster' } }, ['delete A A-0']],
  ])('treats what left the template (%j) by its policy', async (declaration, expected) => {
    await first({ A: declaration, B: resource('1') });

    await update({ B: resource('1') });

    expect(done).toEqual(expected);
  });

  it('deletes dependents first, and goes on after a failure', async () => {
    await first({ A: resource('1'), B: resource('1', { DependsOn: 'A' }), C: resource('1', { DependsOn: 'B' }), D: resource('1') });
    failing.add('delete B');

    await update({ D: resource('1') });

    expect(done).toEqual(['delete C C-0', 'delete B B-0', 'delete A A-0']);
    expect(statuses()).toContain('B DELETE_FAILED');
    expect(ofStack().at(-1)).toBe('UPDATE_COMPLETE');
  });

  it('gives a logical id that comes back another name than what was kept', async () => {
    await first({ A: resource('1', { DeletionPolicy: 'Retain' }), B: resource('1') });
    await update({ B: resource('1') });

    await update({ A: resource('1'), B: resource('1') });

    expect(test.events.at(-1)).toMatchObject({ status: 'CREATE_COMPLETE', physicalId: 'A-1' });
  });

  it.each<[string, ResourceDeclaration, ResourceDeclaration, string]>([
    ['a property that cannot change', resource('1'), resource('1', { Properties: { Colour: 'red' } }), 'its "Colour" changes, which the local runner cannot do to one that exists'],
    ['a property of which AWS decides case by case', { Type: 'AWS::RDS::DBCluster', Properties: { Engine: 'a' } }, { Type: 'AWS::RDS::DBCluster', Properties: { Engine: 'b' } }, 'its "Engine" changes, and AWS decides case by case whether that needs a new resource'],
    ['another one of the same custom name', { Type: 'AWS::SecretsManager::SecretTargetAttachment', Properties: { CustomName: 'x', SecretId: 'a' } }, { Type: 'AWS::SecretsManager::SecretTargetAttachment', Properties: { CustomName: 'x', SecretId: 'b' } }, 'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename x and update the stack again.'],
  ])('refuses %s', async (_name, before, after, message) => {
    await first({ A: before });

    expect(await failure(update({ A: after }))).toContain(message);
    expect([done, ofStack().at(-1)]).toEqual([[], 'UPDATE_ROLLBACK_COMPLETE']);
  });

  it('refuses another type under a logical id, before anything begins', async () => {
    await first({ A: resource('1') });

    expect(await failure(update({ A: secret('one') }))).toBe('Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]');
    expect(ofStack().at(-1)).toBe('CREATE_COMPLETE');
  });

  it('does nothing for a harmless property of a type that has no update', async () => {
    const without: ResourceType = { create: type.create, updates: { Tags: { harmless: 'nobody reads them' } } };
    stack = await test.open(stackOf({}), { resourceType: () => without });
    await update({ A: resource('1') });

    await update({ A: resource('1', { Properties: { Tags: 'x' } }) });

    expect(done).toEqual(['create A 1']);
    expect(await failure(update({ A: resource('2', { Properties: { Tags: 'x' } }) }))).toContain('its "Value" changes');
  });
});

describe('an update that fails', () => {
  const before = { A: resource('1'), B: secret('one'), C: resource('1', { DependsOn: ['A', 'B'] }) };
  const after = { A: resource('2'), B: secret('two'), New: resource('1'), C: resource('2', { DependsOn: ['A', 'B', 'New'] }) };

  it('says so when it cannot be rolled back', async () => {
    await first(before);
    failing.add('update C');

    expect(await failure(update(after))).toBe('C (Test::Type): cannot update; and it could not be rolled back: cannot update');

    expect(ofStack().at(-1)).toBe('UPDATE_ROLLBACK_FAILED');
  });

  it('is rolled back: what changed changes back in the order of dependencies, what was made goes, dependents first', async () => {
    await first({ ...before, Last: resource('1', { DependsOn: 'C' }) });
    failing.add('create Broken');

    const message = await failure(update({ ...after, Broken: resource('1', { DependsOn: 'C' }), Last: resource('2', { DependsOn: 'Broken' }) }));

    expect(message).toBe('Broken (Test::Type): cannot create');
    expect([...done.slice(0, 3)].sort()).toEqual(['create B', 'create New 1', 'update A 1 → 2']);
    expect(done.slice(3)).toEqual(['update C 1 → 2', 'create Broken 1', 'update A 2 → 1', 'update C 2 → 1', ...done.slice(-2)]);
    expect(done.slice(-2).sort()).toEqual(['delete B B-1', 'delete New New-0']);
    expect(ofStack().slice(-4)).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE']);
    expect(readEvents(test.stateFolder).find(({ status }) => status === 'UPDATE_ROLLBACK_IN_PROGRESS')!.reason).toBe(message);
    done.splice(0);
    await update({ ...before, Last: resource('1', { DependsOn: 'C' }) });
    expect(done).toEqual([]);
  });

  it('changes back what failed half-way', async () => {
    const once: ResourceType = {
      ...type,
      update(...args) {
        failing[done.length === 1 ? 'add' : 'delete']('update A');
        return type.update!(...args);
      },
    };
    stack = await test.open(stackOf({}), { resourceType: () => once });
    await update({ A: resource('1') });
    test.events.splice(0);

    expect(await failure(update({ A: resource('2') }))).toBe('A (Test::Type): cannot update');

    expect(done).toEqual(['create A 1', 'update A 1 → 2', 'update A 2 → 1']);
    expect(statuses()).toEqual(['A UPDATE_IN_PROGRESS', 'A UPDATE_FAILED', 'A UPDATE_IN_PROGRESS', 'A UPDATE_COMPLETE']);
  });

  it('cancels what is in progress', async () => {
    const waiting: ResourceType = {
      ...type,
      create: async (given: Resource, context) => given.logicalId === 'Slow'
        ? new Promise((_done, fail) => context.signal.addEventListener('abort', () => fail(context.signal.reason as Error)))
        : type.create(given, context),
    };
    stack = await test.open(stackOf({}), { resourceType: () => waiting });
    await update({ A: resource('1') });
    failing.add('create Broken');

    expect(await failure(update({ A: resource('1'), Slow: resource('1'), Broken: resource('1', { DependsOn: 'A' }) }))).toBe('Broken (Test::Type): cannot create');

    expect(test.events.find(({ logicalId, status }) => logicalId === 'Slow' && status === 'CREATE_FAILED')!.reason).toBe('Resource creation cancelled');
  });
});

describe('a new engine', () => {
  it('brings back what an earlier one has made, without an event of the stack', async () => {
    await first({ A: resource('1') });
    await stack.close();

    stack = await test.open(stackOf({}), { resourceType: () => type });
    await update({ A: resource('1') });

    expect([done, statuses(), ofStack()]).toEqual([['create A 1'], ['A START_IN_PROGRESS', 'A START_COMPLETE'], ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']]);
    expect(readEvents(test.stateFolder).filter(({ logicalId }) => logicalId === 'A')).toHaveLength(2);
  });

  it('makes what has changed meanwhile as it is now, and updates what outlived the engine', async () => {
    const typeOf = (name: string): ResourceType => ({ ...type, persistent: name === 'Test::Persistent' });
    stack = await test.open(stackOf({}), { resourceType: typeOf });
    await update({ A: resource('1'), B: resource('1', { Type: 'Test::Persistent' }), Gone: resource('1') });
    await stack.close();
    done.splice(0);

    stack = await test.open(stackOf({}), { resourceType: typeOf });
    await update({ A: resource('2'), B: resource('2', { Type: 'Test::Persistent' }) });

    expect(done).toEqual(['create A 2', 'update B 1 → 2', 'delete Gone Gone-0']);
    expect(ofStack().slice(-3)).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE']);
  });

  it('goes on where an earlier one has failed', async () => {
    failing.add('create B');
    const resources = { A: resource('1'), B: resource('1', { DependsOn: 'A' }) };
    stack = await test.open(stackOf({}), { resourceType: () => type });
    expect(await failure(update(resources))).toBe('B (Test::Type): cannot create');
    await stack.close();
    expect(ofStack()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_FAILED']);
    failing.clear();
    done.splice(0);

    stack = await test.open(stackOf({}), { resourceType: () => type });
    await update(resources);

    expect(done).toEqual(['create A 1', 'create B 1']);
    expect(test.events.at(-1)).toMatchObject({ status: 'CREATE_COMPLETE', physicalId: 'B-0' }); // what there is of it is taken over
    expect(ofStack().at(-1)).toBe('UPDATE_COMPLETE');
  });
});

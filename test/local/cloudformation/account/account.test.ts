import { failure } from '../support';
import { item, TestAccount } from './support';

let test: TestAccount;
beforeEach(async () => {
  test = await TestAccount.start();
});
afterEach(async () => test.stop());

const exporting = (Value: unknown) => ({ template: { Outputs: { Out: { Value, Export: { Name: 'shared' } } } } });
const importing = { A: item({ 'Fn::ImportValue': 'shared' }) };
const reasonOf = async (StackName: string) => (await test.call('DescribeStacks', { StackName })).Stacks[0].StackStatusReason;

describe('exports', () => {
  it('are read by other stacks', async () => {
    await test.deploy('Giver', { A: item('1') }, exporting({ Ref: 'A' }));
    await test.deploy('Taker', importing);

    const [{ physicalId }] = test.account.find('Giver')!.resources;
    expect(test.account.find('Taker')!.resources[0].properties).toEqual({ Value: physicalId });
    expect(await test.call('ListImports', { ExportName: 'shared' })).toEqual({ Imports: ['Taker'] });
  });

  it('that nobody has fail the deployment', async () => {
    expect(await test.deploy('Taker', importing)).toBe('ROLLBACK_COMPLETE');
    expect(test.account.find('Taker')!.events().map(({ reason }) => reason)).toContain('No export named shared found.');
  });

  it('in use can be neither changed nor removed, and their stack cannot be deleted', async () => {
    await test.deploy('Giver', { A: item('1') }, exporting('x'));
    await test.deploy('Taker', importing);

    expect(await test.deploy('Giver', { A: item('1') }, exporting('y'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(test.account.exports().map(({ value }) => value)).toEqual(['x']);
    expect(await test.deploy('Giver', { A: item('1') })).toBe('UPDATE_ROLLBACK_COMPLETE');
    await test.call('DeleteStack', { StackName: 'Giver' });
    expect(await test.rest('Giver')).toBe('DELETE_FAILED');
    expect(await reasonOf('Giver')).toBe('Delete canceled. Cannot delete export shared as it is in use by Taker.');
    expect(test.done.filter(what => what.startsWith('delete'))).toEqual([]);
  });

  it('have one owner', async () => {
    await test.deploy('Giver', { A: item('1') }, exporting('x'));

    expect(await test.deploy('Other', { A: item('1') }, exporting('x'))).toBe('ROLLBACK_COMPLETE');
  });
});

describe('parameters', () => {
  const Parameters = { P: { Type: 'String', AllowedValues: ['a', 'b'] }, Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/v' } };
  const template = { Parameters };
  const given = (value: string) => [{ ParameterKey: 'P', ParameterValue: value }];

  it('have the values that are given, or stay as they were; SSM parameters are read', async () => {
    test.cloud.parameters.put({ arn: 'arn', name: '/v', type: 'String', value: '7' });
    await test.deploy('App', { A: item({ Ref: 'P' }), B: item({ Ref: 'Version' }) }, { template, Parameters: given('a') });
    const before = test.account.find('App')!.resources.map(({ properties }) => properties.Value);
    await test.deploy('App', { A: item({ Ref: 'P' }), B: item('x') }, { template, Parameters: [{ ParameterKey: 'P', UsePreviousValue: 'true' }] });

    expect([before, test.account.find('App')!.resources.map(({ properties }) => properties.Value)]).toEqual([['a', '7'], ['a', 'x']]);
    expect((await test.call('DescribeStacks', { StackName: 'App' })).Stacks[0].Parameters).toEqual([
      { ParameterKey: 'P', ParameterValue: 'a', ResolvedValue: undefined }, { ParameterKey: 'Version', ParameterValue: '/v', ResolvedValue: '7' },
    ]);
  });

  it.each([
    ['without a value', [], 'Parameters: [P] must have values'],
    ['with a value that is not allowed', given('c'), "Parameter 'P' must be one of AllowedValues: a, b"],
    ['that read what is not there', given('a'), 'Unable to fetch parameters [/v] from parameter store for this account.'],
    ['that the template does not have', [{ ParameterKey: 'X', ParameterValue: '1' }, ...given('a')], 'Parameters: [X] do not exist in the template'],
  ])('%s are refused', async (what, values, message) => {
    if (what.includes('template')) test.cloud.parameters.put({ arn: 'arn', name: '/v', type: 'String', value: '7' });

    expect(await failure(test.deploy('App', { A: item('1') }, { template, Parameters: values }))).toBe(message);
  });
});

describe('another engine', () => {
  it('brings the stacks back, without an event', async () => {
    await test.deploy('App', { A: item('1') });
    const events = test.account.find('App')!.events();
    await test.reopen();

    expect(test.done).toEqual(['create A', 'resume A']);
    expect([test.account.find('App')!.status, test.account.find('App')!.events()]).toEqual(['CREATE_COMPLETE', events]);
    expect(await test.deploy('App', { A: item('2') })).toBe('UPDATE_COMPLETE');
  });

  it.each([
    ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'],
    ['DELETE_IN_PROGRESS', 'DELETE_FAILED'],
  ])('that finds %s makes it %s', async (status, expected) => {
    await test.deploy('App', { A: item('1') });
    await test.reopen(status);

    expect(test.account.find('App')!.status).toBe(expected);
  });

  it('lets nobody go on with a creation that was cut off', async () => {
    test.failing.add('create B');
    await test.deploy('App', { A: item('1'), B: item('1', { DependsOn: 'A' }) }, { DisableRollback: 'true' });
    await test.reopen('CREATE_IN_PROGRESS');

    expect(test.account.find('App')!.status).toBe('ROLLBACK_FAILED');
    const { id } = test.account.find('App')!;
    await test.call('DeleteStack', { StackName: 'App' });
    expect(await test.rest(id)).toBe('DELETE_COMPLETE');
  });
});

it('refuses resource types that it does not know, by name', async () => {
  const strict = await TestAccount.start(false);

  expect(await failure(strict.deploy('App', { A: item('1') }))).toContain('Unrecognized resource types: [Test::Type]');
  await strict.stop();
});

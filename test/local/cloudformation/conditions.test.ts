import { applyConditions } from '../../../local/cloudformation/conditions';
import { PhysicalNames } from '../../../local/cloudformation/physical-names';
import { templateScope } from '../../../local/cloudformation/scope';
import type { Template } from '../../../local/cloudformation/template';

const names = new PhysicalNames('Test', { partition: 'aws', region: 'eu-west-1', account: '123456789012' });

function apply(template: Partial<Template>) {
  const whole = { Resources: {}, ...template };
  return applyConditions(whole, templateScope(whole, names, new Map()));
}

describe('conditions', () => {
  const isProduction = { 'Fn::Equals': [{ Ref: 'Stage' }, 'production'] };
  const Parameters = { Stage: { Type: 'String', Default: 'test' } };

  test.each<[unknown, boolean]>([
    [isProduction, false],
    [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] }, true],
    [{ 'Fn::Not': [{ Condition: 'IsProduction' }] }, true],
    [{ 'Fn::And': [{ 'Fn::Equals': ['a', 'a'] }, { Condition: 'IsProduction' }] }, false],
    [{ 'Fn::Or': [{ 'Fn::Equals': ['a', 'a'] }, { Condition: 'IsProduction' }] }, true],
  ])('%j is %s', (condition, expected) => {
    const { resources } = apply({
      Parameters,
      Conditions: { IsProduction: isProduction, Tested: condition },
      Resources: { Conditional: { Type: 'A', Condition: 'Tested' } },
    });

    expect(Object.keys(resources)).toEqual(expected ? ['Conditional'] : []);
  });

  test('Fn::If takes one branch, in resources and in outputs; the other branch refers to nothing', () => {
    const value = { 'Fn::If': ['IsProduction', { Ref: 'Absent' }, { 'Fn::If': ['IsProduction', 1, { Ref: 'Other' }] }] };

    const applied = apply({
      Parameters, Conditions: { IsProduction: isProduction }, Resources: { A: { Type: 'A', Properties: { value: [value] } } }, Outputs: { O: { Value: value } },
    });

    expect(applied.resources.A.Properties).toEqual({ value: [{ Ref: 'Other' }] });
    expect(applied.outputs.O.Value).toEqual({ Ref: 'Other' });
  });

  test('fails for a condition that does not exist', () => {
    expect(() => apply({ Resources: { A: { Type: 'A', Condition: 'Nobody' } } })).toThrow('A refers to the condition "Nobody", which does not exist');
    expect(() => apply({ Resources: { A: { Type: 'A', Properties: { x: { 'Fn::If': ['Nobody', 1, 2] } } } } })).toThrow('A.Properties.x refers to the condition "Nobody"');
  });

  test('fails for conditions in a circle', () => {
    const Conditions = { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Not': [{ Condition: 'A' }] } };

    expect(() => apply({ Conditions, Resources: { R: { Type: 'A', Condition: 'A' } } })).toThrow('conditions refer to each other in a circle: A -> B -> A');
  });
});

describe('parameters', () => {
  const scope = (Parameters: Template['Parameters']) => templateScope({ Resources: {}, Parameters }, names, new Map());

  test('have their defaults, lists split', () => {
    const { ref } = scope({ Number: { Type: 'Number', Default: 5 }, List: { Type: 'CommaDelimitedList', Default: 'a, b' } });

    expect([ref('Number'), ref('List')]).toEqual(['5', ['a', 'b']]);
  });

  test('the bootstrap version is not needed', () => {
    expect(() => scope({ BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/version' } })).not.toThrow();
  });

  test('fails without a default', () => {
    expect(() => scope({ Stage: { Type: 'String' } })).toThrow('parameter "Stage" has no default, and the local runner has no other value for it; give it a default in the app');
  });

  test('fails for an SSM parameter', () => {
    expect(() => scope({ Ami: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' } })).toThrow('parameter "Ami" reads the SSM parameter "/x"');
  });
});

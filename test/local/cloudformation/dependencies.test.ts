import { dependencyGraph } from '../../../local/cloudformation/dependencies';
import type { ResourceDeclaration } from '../../../local/cloudformation/template';

const NAMES = ['Target', 'Removed'];

function dependenciesOf(resource: Partial<ResourceDeclaration>): string[] {
  const resources = { Target: { Type: 'A' }, Subject: { Type: 'A', ...resource } };
  return [...dependencyGraph(resources, [...NAMES, 'Subject']).get('Subject')!];
}

describe('dependencies', () => {
  test.each<[string, Partial<ResourceDeclaration>]>([
    ['Ref', { Properties: { deep: [{ x: { Ref: 'Target' } }] } }],
    ['Fn::GetAtt as a list', { Properties: { x: { 'Fn::GetAtt': ['Target', 'Arn'] } } }],
    ['Fn::GetAtt as a string', { Properties: { x: { 'Fn::GetAtt': 'Target.Arn' } } }],
    ['Fn::Sub', { Properties: { x: { 'Fn::Sub': '${AWS::Region}-${Target.Arn}' } } }],
    ['Fn::Sub with variables', { Properties: { x: { 'Fn::Sub': ['${v}', { v: { Ref: 'Target' } }] } } }],
    ['DependsOn', { DependsOn: 'Target' }],
    ['DependsOn as a list', { DependsOn: ['Target'] }],
  ])('by %s', (_name, resource) => {
    expect(dependenciesOf(resource)).toEqual(['Target']);
  });

  test('not by literals of Fn::Sub, nor on what a condition removed', () => {
    expect(dependenciesOf({ Properties: { x: { 'Fn::Sub': '${!Target}' } }, DependsOn: 'Removed' })).toEqual([]);
  });

  test('fails for DependsOn of nothing', () => {
    expect(() => dependenciesOf({ DependsOn: 'Nobody' })).toThrow('resource "Subject" depends on "Nobody", which is not in the template');
  });

  test('fails for a circle, and names it', () => {
    const resources = { A: { Type: 'A', DependsOn: 'B' }, B: { Type: 'A', Properties: { x: { Ref: 'C' } } }, C: { Type: 'A', DependsOn: 'B' } };

    expect(() => dependencyGraph(resources, Object.keys(resources))).toThrow('resources depend on each other in a circle: B -> C -> B');
  });
});

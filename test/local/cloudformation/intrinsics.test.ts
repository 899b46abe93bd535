import { resolve, type Scope } from '../../../local/cloudformation/intrinsics';

const SCOPE: Scope = {
  region: 'eu-west-1',
  ref: name => ({ 'Bucket': 'my-bucket', 'Zones': ['a', 'b'], 'AWS::Region': 'eu-west-1' } as Record<string, unknown>)[name],
  attribute: (logicalId, attribute) => ({ 'Database.Endpoint.Address': 'db.example', 'Database.Endpoint.Port': 5432 } as Record<string, unknown>)[`${logicalId}.${attribute}`],
  mapping: (map, first, second) => map === 'Sizes' && first === 'eu-west-1' && second === 'small' ? 'micro' : undefined,
};

const resolved = (value: unknown) => resolve(value, SCOPE, 'Service.Image');

describe('intrinsic functions', () => {
  test.each<[string, unknown, unknown]>([
    ['Ref of a resource', { Ref: 'Bucket' }, 'my-bucket'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Database', 'Endpoint.Port'] }, 5432],
    ['Fn::GetAtt as a string', { 'Fn::GetAtt': 'Database.Endpoint.Address' }, 'db.example'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Bucket' }, 1, true]] }, 'a-my-bucket-1-true'],
    ['Fn::Join of a function that gives a list', { 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b'],
    ['Fn::Sub', { 'Fn::Sub': 's3://${Bucket}/${Database.Endpoint.Address}/${!Literal}/$plain' }, 's3://my-bucket/db.example/${Literal}/$plain'],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${name}@${Bucket}', { name: { Ref: 'AWS::Region' } }] }, 'eu-west-1@my-bucket'],
    ['Fn::Select', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    ['Fn::Split', { 'Fn::Split': ['-', { Ref: 'Bucket' }] }, ['my', 'bucket']],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 'micro'],
    ['Fn::GetAZs', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    ['Fn::Cidr', { 'Fn::Cidr': ['10.0.254.0/23', 3, 8] }, ['10.0.254.0/24', '10.0.255.0/24', '10.1.0.0/24']],
    ['Fn::Base64', { 'Fn::Base64': 'text' }, 'dGV4dA=='],
    ['nested in lists and objects', { list: [{ Ref: 'Bucket' }], text: 'x', number: 3 }, { list: ['my-bucket'], text: 'x', number: 3 }],
  ])('%s', (_name, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test('AWS::NoValue removes a property and a list element', () => {
    expect(resolved({ kept: 1, gone: { Ref: 'AWS::NoValue' }, list: ['a', { Ref: 'AWS::NoValue' }] })).toEqual({ kept: 1, list: ['a'] });
  });

  test.each<[string, unknown, string]>([
    ['an unknown function', { x: [{ 'Fn::Magic': 1 }] }, 'Service.Image.x[0] uses the intrinsic function "Fn::Magic", which the local runner does not know; it knows Ref, '],
    ['Fn::ImportValue', { 'Fn::ImportValue': 'other' }, 'Service.Image.Fn::ImportValue reads the export "other" of another stack'],
    ['an unknown resource', { Ref: 'Nobody' }, 'Service.Image.Ref refers to "Nobody", which is neither a parameter nor a resource of this template'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Database', 'Colour'] }, 'Service.Image.Fn::GetAtt refers to "Database.Colour", which the local runner does not know'],
    ['an unknown name in Fn::Sub', { 'Fn::Sub': 'x${Nobody}' }, 'Service.Image.Fn::Sub refers to "Nobody"'],
    ['a function beside other keys', { Ref: 'Bucket', other: 1 }, 'Service.Image has "Ref" beside other keys (Ref, other)'],
    ['a missing mapping', { 'Fn::FindInMap': ['Sizes', 'eu-west-1', 'large'] }, 'Service.Image.Fn::FindInMap finds nothing at Sizes.eu-west-1.large'],
    ['an index out of range', { 'Fn::Select': [2, { Ref: 'Zones' }] }, 'Service.Image.Fn::Select selects element 2 of 2'],
    ['a list where a string is needed', { 'Fn::Join': ['', [{ Ref: 'Zones' }]] }, 'Service.Image.Fn::Join expects a string'],
    ['null', { x: null }, 'Service.Image.x is null'],
  ])('fails for %s', (_name, value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });
});

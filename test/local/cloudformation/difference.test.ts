import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { stackOf } from './support';
import { formatDifference } from '../../../local/cloudformation';

const group = (description: string, tag: string) => ({ Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: description, Tags: [tag] } } });

function difference(before: object, after: ReturnType<typeof group>): { differs: boolean; text: string } {
  const output = new PassThrough();
  const differs = formatDifference({ Resources: before as never }, stackOf(after, { paths: new Map([['Group', 'Stack/Vpc/Group']]) }), output);
  return { differs, text: stripVTControlCharacters(String(output.read() ?? '')) };
}

test('is shown as cdk diff shows it, with what AWS says of replacement', () => {
  const { differs, text } = difference(group('a', 'x'), group('b', 'y'));

  expect(differs).toBe(true);
  expect(text).toContain('[~] AWS::EC2::SecurityGroup Vpc/Group Group replace');
  expect(text).toContain('GroupDescription (requires replacement)');
});

test('is none between equal templates', () => {
  expect(difference(group('a', 'x'), group('a', 'x'))).toEqual({ differs: false, text: '' });
});

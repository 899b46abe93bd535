import { parseTemplate } from '../../../../local/cloudformation/account/submission';

const read: string[] = [];
const source = {
  read: (bucket: string, key: string) => {
    read.push(`${bucket} ${key}`);
    return '{"Resources":{"A":{}}}';
  },
};

test('a template is JSON or YAML', () => {
  const template = { Resources: { A: { Type: 'T', Properties: { B: ['1', 2, true] } } } };
  const yaml = 'Resources:\n  A:\n    Type: T\n    Properties:\n      B:\n        - "1"\n        - 2\n        - true\n';

  expect([JSON.stringify(template), yaml].map(TemplateBody => parseTemplate({ TemplateBody }, source))).toEqual([template, template]);
});

test('it is read from S3, whatever form the URL has', () => {
  const urls = ['https://s3.us-east-1.amazonaws.com/bucket/a/b.json', 'https://bucket.s3.us-east-1.amazonaws.com/a/b.json', 'http://127.0.0.1:4566/bucket/a/b.json'];
  urls.forEach(TemplateURL => parseTemplate({ TemplateURL }, source));

  expect(read).toEqual(['bucket a/b.json', 'bucket a/b.json', 'bucket a/b.json']);
});

test.each([
  ['{', 'Template format error: '],
  ['Resources: [', 'Template format error: '],
  ['{"Resources":{}}', 'Template format error: At least one Resources member must be defined.'],
  ['text', 'Template format error: At least one Resources member must be defined.'],
])('%p is refused', (TemplateBody, message) => {
  expect(() => parseTemplate({ TemplateBody }, source)).toThrow(message);
});

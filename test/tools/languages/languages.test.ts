import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudAssembly } from '../../../tools/languages/language';
import { Go, Java } from '../../../tools/languages/languages';

test.each([
  ['go: github.com/cdklabs/schema/v53@v53.28.0: reading https://proxy.example/v53.28.0.info: 403 Forbidden', 'github.com/cdklabs/schema/v53@v53.28.0'],
  ['go: github.com/aws/cdk/v2@v2.257.0: verifying module: github.com/aws/cdk/v2@v2.257.0: reading https://sum.example/lookup: 404 Not Found', 'github.com/aws/cdk/v2@v2.257.0'],
])('Go says which module is missing: %s', (message, module) => {
  expect(new Go('').unavailable(new Error(`\`go mod tidy\` ended with 1:\n${message}\n`))).toBe(`the module proxy does not serve ${module}`);
});

test('a mistake in the generated code is no missing module, and no other language may be skipped so', () => {
  expect(new Go('').unavailable(new Error('main.go:14:2: undefined: serverlessairflow.New'))).toBeUndefined();
  expect(new Java('').unavailable(new Error('go: a@v1: reading https://proxy.example: 403 Forbidden'))).toBeUndefined();
});

test('two assemblies differ where a template or an asset manifest has another byte, or is missing', () => {
  const [one, other] = [mkdtempSync(join(tmpdir(), 'assembly-')), mkdtempSync(join(tmpdir(), 'assembly-'))];
  try {
    const write = (folder: string, name: string, content: string) => writeFileSync(join(folder, name), content);
    [one, other].forEach(folder => write(folder, 'A.template.json', '{}'));
    write(one, 'A.assets.json', '{}');
    write(other, 'A.assets.json', '{ }');
    write(other, 'B.template.json', '{}');
    write(other, 'manifest.json', 'has the folder in it');

    expect(CloudAssembly.read(one).differences(CloudAssembly.read(other))).toEqual(['A.assets.json', 'B.template.json']);
    expect(CloudAssembly.read(one).differences(CloudAssembly.read(one))).toEqual([]);
  } finally {
    [one, other].forEach(folder => rmSync(folder, { recursive: true }));
  }
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromMwaa } from '../../../local/commands/from-mwaa';
import { scratchFolder } from '../scratch-folder';

const ENVIRONMENT = join(__dirname, '../mwaa/environment.json');

test('writes a new folder, says what is not the same, and never writes into one that has something', async () => {
  const output = join(scratchFolder(), 'app');
  const lines = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    expect(await fromMwaa(ENVIRONMENT, { output, language: 'python' })).toBe(0);
    const printed = lines.mock.calls.flat().join('\n');
    expect(printed).toContain(`${output}: app.py, requirements.txt, cdk.json, bucket/Dockerfile, MIGRATION.md\n`);
    expect(printed).toContain('  - There is no maintenance window (SUN:03:30)');
    expect(readdirSync(output).sort()).toEqual(['MIGRATION.md', 'app.py', 'bucket', 'cdk.json', 'requirements.txt']);
    await expect(fromMwaa(ENVIRONMENT, { output, language: 'python' })).rejects.toThrow(`${output} is not empty: give another folder with --output`);
  } finally {
    lines.mockRestore();
  }
});

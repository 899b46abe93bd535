import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cost } from '../../../local/commands/cost';
import { scratchFolder } from '../scratch-folder';

const app = scratchFolder();

/** What the command prints for an app in this region. */
async function printed(region: string, options: object = {}): Promise<string> {
  const artifact = { type: 'aws:cloudformation:stack', environment: `aws://unknown-account/${region}`, properties: { templateFile: 'Stack.template.json' } };
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'manifest.json'), JSON.stringify({ artifacts: { Stack: artifact } }));
  writeFileSync(join(app, 'Stack.template.json'), JSON.stringify({
    Resources: { One: { Type: 'AWS::SecretsManager::Secret' }, Other: { Type: 'AWS::SecretsManager::Secret' }, Key: { Type: 'AWS::KMS::Key' }, Topic: { Type: 'AWS::SNS::Topic' } },
  }));
  const lines = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    expect(await cost({ app, ...options })).toBe(0);
    return lines.mock.calls.flat().join('\n');
  } finally {
    lines.mockRestore();
  }
}

test('each kind of resource is a line, with its sum, what is not counted and what is unknown', async () => {
  expect(await printed('us-east-1')).toBe(`Stack: USD a month, us-east-1, list prices of 2026-11-23

            least   most
2 × secret   0.80   0.80
KMS key      1.00   1.00
────────────────────────
together     1.80   1.80

What depends on use is not counted:
  - use of keys: 0.03 per 10,000 calls
  - reads of secrets: 0.05 per 10,000 calls
  - data transfer between zones and to the internet
  - pulls of images
  - taxes, free tiers, savings plans and discounts of your account
Nothing is known about:
  - AWS::SNS::Topic
`);
});

test('an app for a region without prices is told whose prices it sees', async () => {
  expect(await printed('eu-west-1')).toContain('us-east-1, list prices of 2026-11-23\n(the app is for eu-west-1, whose prices are not known here)');
});

test('a region that is asked for has to have prices, a stack has to be there', async () => {
  await expect(cost({ app, region: 'eu-west-1' })).rejects.toThrow('there are no prices for eu-west-1, only for us-east-1');
  await expect(cost({ app, stack: 'Other' })).rejects.toThrow('no stack "Other" in the cloud assembly; npx cdk list prints their names');
});

test('programs get the figures as JSON', async () => {
  expect(JSON.parse(await printed('us-east-1', { json: true }))).toEqual([{
    stack: 'Stack',
    region: 'us-east-1',
    date: '2026-11-23',
    charges: [{ name: '2 × secret', least: 0.8, most: 0.8 }, { name: 'KMS key', least: 1, most: 1 }],
    usage: ['use of keys: 0.03 per 10,000 calls', 'reads of secrets: 0.05 per 10,000 calls'],
    unknown: ['AWS::SNS::Topic'],
  }]);
});

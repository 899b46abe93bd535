import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { GETTING_STARTED, synthesize } from '../../tools/example';

describe('the getting-started example', () => {
  let cloudAssembly: string;
  let template: Template;

  beforeAll(() => {
    cloudAssembly = synthesize(GETTING_STARTED, mkdtempSync(join(tmpdir(), 'getting-started-')));
    template = Template.fromJSON(JSON.parse(readFileSync(join(cloudAssembly, 'GettingStarted.template.json'), 'utf-8')));
  });

  afterAll(() => rmSync(cloudAssembly, { recursive: true, force: true }));

  test('runs each component as a service', () => {
    const families = Object.values(template.findResources('AWS::ECS::TaskDefinition'))
      .map(({ Properties }) => Properties.ContainerDefinitions.map(({ Name }: { Name: string }) => Name).join(' '));
    expect(families.sort()).toEqual([
      'dag-processor', 'databases migrate admin', 'flower', 'redis', 'scheduler', 'triggerer', 'web-server', 'worker',
    ]);
    template.resourceCountIs('AWS::ECS::Service', 7);
  });

  test('uploads its DAGs, and the files that they read, as they are in the folder', () => {
    template.hasResourceProperties('Custom::CDKBucketDeployment', { DestinationBucketKeyPrefix: Match.stringLikeRegexp('^dags/') });
    const uploaded = readdirSync(cloudAssembly).filter(name => name.startsWith('asset.')).map(name => join(cloudAssembly, name))
      .find(folder => !folder.endsWith('.zip') && readdirSync(folder).includes('orders_report.py'));
    expect(readdirSync(uploaded!).sort()).toEqual(['orders', 'orders_report.py', 'retry_once.py', 'stored_connection.py']);
    expect(readdirSync(join(uploaded!, 'orders'))).toEqual(readdirSync(join(GETTING_STARTED, 'dags/orders')));
  });
});

describe('the order files', () => {
  const rows = readdirSync(join(GETTING_STARTED, 'dags/orders')).map(file => {
    const [heading, ...lines] = readFileSync(join(GETTING_STARTED, 'dags/orders', file), 'utf-8').trim().split('\n');
    return { file, heading, lines };
  });

  test('are one for each month, all with the same columns', () => {
    expect(rows.map(({ file }) => file)).toEqual(Array.from({ length: 12 }, (_, month) => `2025-${String(month + 1).padStart(2, '0')}.csv`));
    expect(new Set(rows.map(({ heading }) => heading))).toEqual(new Set(['order_id,ordered_on,shop,product,quantity,unit_price']));
  });

  test('have the 27 bad ones of 387 rows that the README speaks of', () => {
    const all = rows.flatMap(({ lines }) => lines);
    const wellFormed = /^\d+,2025-\d\d-\d\d, *[A-Za-z]+ *,[^,]+,[1-9]\d*,\d+\.\d\d$/;
    const bad = all.filter((row, index) => !wellFormed.test(row) || all.indexOf(row) < index);
    expect([all.length, bad.length]).toEqual([387, 27]);
  });
});

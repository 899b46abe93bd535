import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { readAssembly, selectStack } from '../../../local/cloudformation';
import type { TaskDefinition } from '../../../local/ecs/definitions';
import { operationsIn, placesOf, secretsOf } from '../../../local/verify/expected-access';
import { DagSource, ServerlessAirflow } from '../../../src';
import { TestCloud } from '../cloudformation/support';

let cloud: TestCloud;
let definitions: Record<string, TaskDefinition>;

beforeAll(async () => {
  cloud = await TestCloud.start();
  cpSync(join(__dirname, '../../../examples/typescript/getting-started/dags'), join(cloud.folder, 'dags'), { recursive: true });
  const app = new App({ outdir: join(cloud.folder, 'cdk.out') });
  const stack = new Stack(app, 'Airflow');
  const dags = [DagSource.directory(join(cloud.folder, 'dags')), DagSource.image()];
  new ServerlessAirflow(stack, 'Airflow', { dags, encryptionKey: new kms.Key(stack, 'Key') });
  await cloud.deploy(selectStack(readAssembly(app.synth().directory)));
  definitions = Object.fromEntries(cloud.taskDefinitions.map(definition => (
    [definition.containers.find(({ essential }) => essential)!.name, definition]
  )));
});
afterAll(() => cloud.stop());

test('places in S3 are found in the containers\' variables', () => {
  const [logs, dags] = ['airflowtasklogsbucket', 'airflowdagsbucket'].map(name => expect.stringContaining(name));

  expect(placesOf(cloud.taskDefinitions)).toEqual([
    { use: 'logs', bucket: logs, prefix: 'logs/' },
    { use: 'dags', bucket: dags, prefix: 'dags/dags/' },
    { use: 'elsewhere', bucket: logs, prefix: 'serverless-airflow-verify/' },
    { use: 'elsewhere', bucket: dags, prefix: 'serverless-airflow-verify/' },
  ]);
});

test('what a component does there follows from its command', () => {
  const [logs, dags, elsewhere] = placesOf(cloud.taskDefinitions);
  const operations = (place: typeof logs) => Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, operationsIn(place, definition).join()]),
  );

  expect(operations(logs)).toEqual({
    'web-server': 'list,read', 'triggerer': 'list all,list,read,write', 'worker': 'list all,list,read,write', 'dag-processor': '', 'scheduler': '', 'flower': '', 'redis': '', 'admin': '',
  });
  expect(operations(dags)).toEqual({
    'dag-processor': 'list all,list,read', 'worker': 'list all,list,read', 'web-server': '', 'triggerer': '', 'scheduler': '', 'flower': '', 'redis': '', 'admin': '',
  });
  expect(new Set(Object.values(operations(elsewhere)))).toEqual(new Set(['']));
});

test('the secrets of a task are those of all its containers, without the fields in them', () => {
  expect(secretsOf(definitions.flower)).toHaveLength(2);
  expect(secretsOf(definitions.flower).every(arn => /^arn:aws:secretsmanager:us-east-1:123456789012:secret:[\w-]+-\w{6}$/.test(arn))).toBe(true);
  expect(new Set(secretsOf(definitions.admin)).size).toBeGreaterThan(3);
});

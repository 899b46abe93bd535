import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import * as s3assets from 'aws-cdk-lib/aws-s3-assets';
import { readAssembly, selectStack } from '../../../local/cloudformation';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assembly-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, content: unknown): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
}

/** A cloud assembly with one stack by hand, to break it. */
function writeStack(template: unknown, files: Record<string, unknown> = {}): void {
  write('manifest.json', {
    artifacts: {
      'App.assets': { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } },
      'App': { type: 'aws:cloudformation:stack', properties: { templateFile: 'App.template.json' }, dependencies: ['App.assets'] },
    },
  });
  write('App.template.json', template);
  write('App.assets.json', { files });
}

describe('a synthesized app', () => {
  let app: App;
  beforeEach(() => {
    app = new App({ outdir: join(folder, 'cdk.out') });
  });

  test('has its stacks, those of stages too, with names', () => {
    new Stack(app, 'First', { stackName: 'first-stack' });
    new Stack(new Stage(app, 'Production'), 'Second');

    const stacks = readAssembly(app.synth().directory);

    expect(Object.fromEntries(stacks.map(({ name, displayName }) => [name, displayName]))).toEqual({
      'first-stack': 'First',
      'Production-Second': 'Production/Second',
    });
  });

  test('has its file assets by S3 key, the construct paths and the DAG folders', () => {
    write('code/index.js', 'x');
    const stack = new Stack(app, 'App');
    const asset = new s3assets.Asset(stack, 'Code', { path: join(folder, 'code') });
    const resource = new CfnResource(stack, 'Deployment', { type: 'Custom::CDKBucketDeployment' });
    resource.node.addMetadata('serverless-airflow:dag-directory', { bucketDeployment: 'Deployment', directory: '../dags', exclude: ['*.pyc'] });

    const [read] = readAssembly(app.synth().directory);

    expect(read.assets.get(asset.s3ObjectKey, asset.s3BucketName)).toEqual({ path: join(folder, 'cdk.out', asset.assetPath), packaging: 'zip' });
    expect(read.paths.get('Deployment')).toBe('App/Deployment');
    expect(read.dagDirectories).toEqual([{ bucketDeployment: 'Deployment', directory: join(folder, 'dags'), exclude: ['*.pyc'] }]);
  });
});

describe('a broken assembly', () => {
  const choose = () => selectStack(readAssembly(folder), 'App');

  test('fails without manifest', () => {
    expect(() => readAssembly(join(folder, 'absent'))).toThrow(`no cloud assembly in ${join(folder, 'absent')} (there is no manifest.json): run "npx cdk synth" first, or give its folder with --app`);
  });

  test('fails for a manifest that is not JSON', () => {
    write('manifest.json', '{');

    expect(() => readAssembly(folder)).toThrow(`cannot read ${join(folder, 'manifest.json')}`);
  });

  test('fails without the template', () => {
    writeStack({});
    rmSync(join(folder, 'App.template.json'));

    expect(() => readAssembly(folder)).toThrow(`the template App.template.json is missing in ${folder}: synthesize the app again`);
  });

  test('fails for a missing asset', () => {
    writeStack({}, { abc: { displayName: 'App/Code', source: { path: 'asset.abc', packaging: 'zip' }, destinations: { d: { objectKey: 'abc.zip' } } } });

    expect(choose).toThrow(`asset "App/Code" (asset.abc) is missing in ${folder}: synthesize the app again`);
  });

  test('fails for an asset that a command makes', () => {
    writeStack({}, { abc: { source: { executable: ['make', 'it'] }, destinations: {} } });

    expect(choose).toThrow('asset "abc" is made by a command (make it) when it is published');
  });

  test.each<[string, object, string]>([
    ['a transform', { Transform: 'X' }, 'App.template.json has a section "Transform", which the local runner does not support'],
    ['a rule', { Rules: { Mine: {} } }, 'App.template.json has a rule "Mine"'],
    ['an unknown resource attribute', { Resources: { A: { Type: 'T', Retries: 1 } } }, 'resource "A" has an attribute "Retries", which the local runner does not support'],
    ['a nested stack', { Resources: { A: { Type: 'AWS::CloudFormation::Stack' } } }, 'resource "A" is a nested stack; the local runner does not realise nested stacks'],
  ])('fails for a template with %s', (_name, template, message) => {
    writeStack(template);

    expect(choose).toThrow(message);
  });

  test('is of no importance in a stack that is not chosen', () => {
    writeStack({ Transform: 'X' });

    expect(readAssembly(folder)).toHaveLength(1);
  });
});

describe('choosing the stack', () => {
  function synthesize(...ids: string[]) {
    const app = new App({ outdir: join(folder, 'cdk.out') });
    new Stack(app, 'Network');
    ids.forEach(id => new CfnResource(new Stack(app, id), 'Service', { type: 'AWS::ECS::Service' }));
    return readAssembly(app.synth().directory);
  }

  test('takes the only one with ECS services', () => {
    expect(selectStack(synthesize('Airflow')).name).toBe('Airflow');
  });

  test('takes the named one', () => {
    expect(selectStack(synthesize('Airflow', 'Other'), 'Other').name).toBe('Other');
  });

  test('fails when there are several', () => {
    expect(() => selectStack(synthesize('Airflow', 'Other'))).toThrow('several stacks have ECS services: choose one with --stack (Airflow, Other)');
  });

  test('fails when there is none', () => {
    expect(() => selectStack(synthesize())).toThrow('no stack of the cloud assembly has an ECS service; it has these stacks: Network');
  });

  test('fails for a name that does not exist', () => {
    expect(() => selectStack(synthesize('Airflow'), 'Nobody')).toThrow('no stack "Nobody" in the cloud assembly; it has: Network, Airflow');
  });
});

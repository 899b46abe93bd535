// `npm run account`: the example, deployed by the real CDK command line to an account on this machine. Airflow has to work, a change may touch
// only what it changes, and nothing but what is to be retained may stay.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { expect } from 'expect';
import { Checks, HANGS_SECONDS } from './checks';
import { GETTING_STARTED } from './example';
import { LocalAccount, Ran } from './local-account';
import { AirflowApi } from '../local/airflow-api';
import { until } from '../local/until';
import { DagSource, ServerlessAirflow } from '../src';

const STACK = 'Airflow';
const DAG = 'orders_report';

function synthesize(outdir: string, environment: Record<string, string> = {}): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, STACK);
  const { secrets } = new ServerlessAirflow(stack, 'Airflow', {
    dags: [DagSource.directory(join(GETTING_STARTED, 'dags'))],
    scheduler: { environment },
    removalPolicy: RemovalPolicy.DESTROY, // otherwise the database refuses to be deleted
  });
  new CfnOutput(stack, 'AdminSecretArn', { value: secrets.admin.secret.secretArn });
  app.synth();
}

class Deployments {
  private readonly assembly: string;
  private readonly cloudFormation: CloudFormation;
  private readonly secretsManager: SecretsManager;

  constructor(private readonly account: LocalAccount, folder: string) {
    this.assembly = join(folder, 'cdk.out');
    const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, ...keys } = account.variables;
    const credentials = { accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY, sessionToken: keys.AWS_SESSION_TOKEN };
    this.cloudFormation = new CloudFormation({ endpoint, region, credentials });
    this.secretsManager = new SecretsManager({ endpoint, region, credentials });
  }

  synthesize(environment?: Record<string, string>): void {
    synthesize(this.assembly, environment);
  }

  async cdk(command: string, ...args: string[]): Promise<Ran> {
    return this.account.cdk(command, '--app', this.assembly, ...args);
  }

  /** What the last update has changed, by logical ids. */
  async updated(): Promise<string[]> {
    const { StackEvents = [] } = await this.cloudFormation.describeStackEvents({ StackName: STACK });
    const begin = StackEvents.findIndex(({ ResourceStatus, ResourceStatusReason }) => ResourceStatus === 'UPDATE_IN_PROGRESS' && ResourceStatusReason === 'User Initiated');
    return StackEvents.slice(0, begin).filter(({ ResourceStatus, LogicalResourceId }) => ResourceStatus === 'UPDATE_COMPLETE' && LogicalResourceId !== STACK)
      .map(({ ResourceType }) => ResourceType!).reverse();
  }

  async stacks(): Promise<string[]> {
    const { Stacks = [] } = await this.cloudFormation.describeStacks({});
    return Stacks.map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`);
  }

  async airflow(): Promise<AirflowApi> {
    const [, address] = await until('the web page is published', HANGS_SECONDS, async () => /web-server: (http:\S+)/.exec(this.account.output) ?? undefined);
    const { Stacks } = await this.cloudFormation.describeStacks({ StackName: STACK });
    const SecretId = Stacks![0].Outputs!.find(({ OutputKey }) => OutputKey === 'AdminSecretArn')!.OutputValue!;
    const { SecretString } = await this.secretsManager.getSecretValue({ SecretId });
    return new AirflowApi(address, JSON.parse(SecretString!) as { username: string; password: string });
  }
}

async function runDag(deployments: Deployments): Promise<void> {
  const airflow = await deployments.airflow();
  await until(`${DAG} is there`, HANGS_SECONDS, () => airflow.dag(DAG));
  const run = await airflow.trigger(DAG);
  const state = await until(`${DAG} ends`, HANGS_SECONDS, async () => {
    const { state: now } = await airflow.dagRun(run);
    return now === 'success' || now === 'failed' ? now : undefined;
  });
  expect(state).toBe('success');
}

function succeeded({ code, output }: Ran): void {
  if (code !== 0) throw new Error(output.split('\n').slice(-25).join('\n'));
}

async function main(): Promise<number> {
  const checks = new Checks();
  const folder = mkdtempSync(join(tmpdir(), 'account-'));
  const account = await LocalAccount.start(join(folder, 'state'));
  const deployments = new Deployments(account, folder);
  const deploy = async () => deployments.cdk('deploy', '--require-approval', 'never');
  try {
    deployments.synthesize();
    await checks.that('cdk bootstrap', async () => succeeded(await account.cdk('bootstrap', 'aws://123456789012/us-east-1')));
    if (!await checks.that('cdk deploy', async () => succeeded(await deploy()))) return 1;
    await checks.that('Airflow runs a DAG', async () => runDag(deployments));
    await checks.that('cdk deploy once more finds no changes', async () => expect((await deploy()).output).toContain('(no changes)'));
    deployments.synthesize({ DEPLOYED: '2' });
    await checks.that('cdk diff tells a variable of the scheduler', async () => {
      const { output } = await deployments.cdk('diff');
      expect(output.match(/^\[~\] AWS::\S+/gm)?.sort()).toEqual(['[~] AWS::ECS::Service', '[~] AWS::ECS::TaskDefinition']);
    });
    await checks.that('cdk deploy changes the scheduler, and nothing else', async () => {
      succeeded(await deploy());
      expect(await deployments.updated()).toEqual(['AWS::ECS::TaskDefinition', 'AWS::ECS::Service']);
    });
    await checks.that('Airflow runs a DAG', async () => runDag(deployments));
    await checks.that('cdk destroy leaves the bootstrap stack', async () => {
      succeeded(await deployments.cdk('destroy', '--force'));
      expect(await deployments.stacks()).toEqual(['CDKToolkit CREATE_COMPLETE']);
    });
  } finally {
    await account.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${checks.summary()}`);
  return checks.failures === 0 ? 0 : 1;
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
main().then(code => process.exit(code), error => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

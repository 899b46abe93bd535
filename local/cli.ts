import { Command, Option } from 'commander';
import { DEFAULT_APP, type GlobalOptions } from './commands/app';
import { aws, type AwsCommandOptions } from './commands/aws';
import { cost, type CostOptions } from './commands/cost';
import { deploy } from './commands/deploy';
import { down, type DownOptions } from './commands/down';
import { events, type EventsOptions } from './commands/events';
import { exec } from './commands/exec';
import { fromMwaa, type FromMwaaOptions } from './commands/from-mwaa';
import { aboutSameApp } from './commands/hints';
import { logs, type LogsOptions } from './commands/logs';
import { scale } from './commands/scale';
import { status, type StatusOptions } from './commands/status';
import { trigger, type TriggerOptions } from './commands/trigger';
import { up, type UpOptions } from './commands/up';
import { verify, type VerifyOptions } from './commands/verify';
import { runEngineProcess } from './engine/engine-process';
import { UserError } from './errors';
import { packageVersion } from './install/package-files';
import { LANGUAGES } from './mwaa/app-files';

// about this machine's Node.js, every time: the AWS SDK is a detail here
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const program = new Command('serverless-airflow').description('Apache Airflow on AWS without servers: tools beside the CDK construct')
  .option('-V, --version', 'print the version')
  .configureHelp({ showGlobalOptions: true });

program.on('option:version', () => {
  console.log(packageVersion());
  process.exit(0);
});

const costCommand = program
  .command('cost')
  .description('Print what a synthesized app costs in a month, by the list prices that come with this package')
  .option('--app <folder>', 'cloud assembly: what `npx cdk synth` writes', DEFAULT_APP)
  .option('--stack <name>', 'one stack only')
  .option('--region <region>', 'whose prices (default: the region of the stack, us-east-1 if it has none or there are no prices for it)')
  .option('--prices <file>', 'prices of your own, in the form of local/data/prices.json of this package')
  .option('--json', 'for programs')
  .action(run((options: CostOptions) => cost(options)));

const fromMwaaCommand = program
  .command('from-mwaa')
  .description('Write the app that replaces an environment of Amazon MWAA, and what has no counterpart')
  .argument('<file>', 'what `aws mwaa get-environment --name <name>` prints')
  .option('--output <folder>', 'a new folder (default: the name of the environment)')
  .addOption(new Option('--language <language>', 'of the app').choices(LANGUAGES).default('typescript'))
  .option('--subnets <file>', 'what `aws ec2 describe-subnets --subnet-ids …` prints: the app stays in these subnets (default: a new VPC)')
  .action(run((options: FromMwaaOptions, [file]) => fromMwaa(file, options)));

const local = program
  .command('local')
  .description('Run a synthesized stack on this machine: real Airflow, PostgreSQL, Redis and S3, without AWS and without Docker')
  .option('--app <folder>', 'cloud assembly: what `npx cdk synth` writes', DEFAULT_APP)
  .option('--stack <name>', 'which stack (needed if several have ECS services)')
  .option('--state <folder>', 'where data and logs are kept (default: a folder of this app in ~/.local/state/serverless-airflow)')
  .addOption(new Option('--isolation <level>', 'how tasks are kept apart (default: the best one that works here)').choices(['root', 'rootless', 'loopback']))
  .addHelpText('after', `
A first run, in the folder of a CDK app:
  npx cdk synth
  npx serverless-airflow local up
and in another terminal:
  npx serverless-airflow local status --credentials
  npx serverless-airflow local trigger my_dag --wait
after a change of the app:
  npx cdk synth
  npx serverless-airflow local deploy`);

local
  .command('up')
  .description('start everything and stay until Ctrl-C; data is kept for the next time')
  .option('--publish <service=port>', 'port of this machine for a service\'s web page, 0 for any free one (default: the same as in the container)', collect)
  .option('--internet', 'tasks reach the Internet where security groups allow it, as behind a NAT gateway')
  .action(run((options: UpOptions) => up(options)));

local
  .command('deploy')
  .description('change what runs to what `npx cdk synth` has written since: shows the difference, rolls changed services, rolls back a failure')
  .action(run((options: GlobalOptions) => deploy(options)));

local
  .command('events')
  .description('print what happened to the stack and its resources, in CloudFormation\'s words')
  .option('--json', 'for programs')
  .action(run((options: EventsOptions) => events(options)));

local
  .command('status')
  .description('what runs, and how it is')
  .option('--credentials', 'user and password of the web interface and of Flower')
  .option('--resources', 'what of the template is realised here and what is not')
  .option('--json', 'for programs')
  .action(run((options: StatusOptions) => status(options)));

local
  .command('logs')
  .description('print what containers (and the local services) wrote')
  .argument('[service]', 'one service only')
  .option('-f, --follow', 'go on until Ctrl-C')
  .action(run((options: LogsOptions, [service]) => logs(service, options)));

local
  .command('exec')
  .description('run a command in a service\'s container')
  .argument('<service>')
  .argument('<command...>', 'after --, for example: exec scheduler -- airflow dags list')
  .action(run((options: GlobalOptions, [service, ...command]) => exec(service, command, options)));

local
  .command('trigger')
  .description('start a run of a DAG')
  .argument('<dag>')
  .option('--wait', 'until it ends; exit code 1 if it fails')
  .option('--conf <json>', 'configuration of the run')
  .action(run((options: TriggerOptions, [dag]) => trigger(dag, options)));

local
  .command('verify')
  .description('compare what runs with the template: who reaches whom, who may do what; exit code 1 if anything differs')
  .option('--json', 'for programs')
  .action(run((options: VerifyOptions) => verify(options)));

local
  .command('scale')
  .description('change the number of a service\'s tasks, until the next `npx serverless-airflow local up`')
  .argument('<service=number>')
  .action(run((options: GlobalOptions, [target]) => scale(target, options)));

local
  .command('down')
  .description('stop what `npx serverless-airflow local up` has started')
  .option('--delete', 'delete its data and logs as well')
  .action(run((options: DownOptions) => down(options)));

local
  .command('aws')
  .description('an AWS account on this machine: what the CDK command line deploys to it runs here')
  .option('--port <number>', 'port of this machine for the AWS API, 0 for any free one', '4566')
  .option('--account <id>', 'its number (default: 123456789012)')
  .option('--region <name>', 'its region (default: us-east-1)')
  .option('--internet', 'tasks reach the Internet where security groups allow it, as behind a NAT gateway')
  .option('--allow-unrealised', 'deploy templates with resource types that are not known here: nothing is behind them')
  .option('--variables', 'print the environment of the one that runs, for a shell')
  .action(run((options: AwsCommandOptions) => aws(options)));

local.command('engine', { hidden: true }).action(runEngineProcess);

for (const command of [program, costCommand, fromMwaaCommand, local, ...local.commands]) {
  const name = command === program ? '' : command.parent === program ? `${command.name()} ` : `local ${command.name()} `;
  const note = command.name() === 'exec' ? '; the command to run stands after --' : '';
  command.showHelpAfterError(`what it takes: npx serverless-airflow ${name}--help${note}`);
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141); // as a program that the signal ends: whoever read this has seen enough
});
void program.parseAsync();

/** Ends the process with the command's exit code; mistakes that the user can do something about are one sentence. */
function run<T extends object>(command: (options: T, args: string[]) => Promise<number>) {
  return async (...received: unknown[]) => {
    const self = received.at(-1) as Command;
    const options = self.optsWithGlobals<T>();
    try {
      process.exitCode = await command(options, self.args);
    } catch (error) {
      process.exitCode = 1;
      console.error(aboutSameApp(describe(error as NodeJS.ErrnoException), options as Partial<GlobalOptions>));
    }
  };
}

/** Folders that the user has named, or keeps. */
const UNUSABLE: Record<string, string> = {
  EACCES: 'is not yours to use: change its permissions, or name another folder (--state, --app, XDG_STATE_HOME, XDG_CACHE_HOME)',
  EROFS: 'cannot be written to: name another folder (--state, XDG_STATE_HOME, XDG_CACHE_HOME)',
  ENOTDIR: 'is or is in a file: name a folder (--state, --app)',
  EEXIST: 'is a file: name a folder (--state)',
};

function describe(error: NodeJS.ErrnoException): string {
  if (process.env.SERVERLESS_AIRFLOW_DEBUG) {
    return error.stack ?? error.message;
  }
  if (error.code === 'ENOSPC') {
    return `the disk is full${error.path === undefined ? '' : ` (${error.path})`}: free some space and repeat the command`;
  }
  if (error.code !== undefined && error.path !== undefined && error.code in UNUSABLE) {
    return `${error.path} ${UNUSABLE[error.code]}`;
  }
  return error instanceof UserError ? error.message : `unexpected error: ${error.message} (SERVERLESS_AIRFLOW_DEBUG=1 shows where)`;
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

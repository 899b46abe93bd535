import { readdirSync } from 'node:fs';
import { awscdk, cdk, javascript, JsonFile, JsonPatch, release, ReleasableCommits } from 'projen';

// The newest aws-cdk-lib whose cloud assembly schema (53) the pinned integ-runner can read,
// and the oldest that cdk-nag 3 accepts.
const CDK_VERSION = '2.257.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'serverless-airflow',
  description: 'Apache Airflow 3 on AWS without servers, as one CDK construct: ECS Fargate, Aurora Serverless, Celery workers, and a runner that proves the template on a laptop',
  author: 'The serverless-airflow authors',
  authorAddress: 'https://github.com/serverless-airflow',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/serverless-airflow/serverless-airflow.git',
  license: 'Apache-2.0',
  copyrightOwner: 'The serverless-airflow authors',
  keywords: ['aws', 'aws-cdk', 'cdk-construct', 'airflow', 'fargate', 'celery', 'ecs', 'workflow'],
  stability: cdk.Stability.EXPERIMENTAL,
  defaultReleaseBranch: 'main',
  releasableCommits: ReleasableCommits.featuresAndFixes(),
  majorVersion: 0,

  cdkVersion: CDK_VERSION,
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.3',
  minNodeVersion: '20.16.0',
  workflowNodeVersion: '24',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  sampleCode: false,

  // Everything here is bundled into the local runner or used in development only: the published package has no runtime dependency.
  devDeps: [
    // local runner (bundled by esbuild into assets/local)
    '@aws-sdk/client-s3',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/client-ecs',
    '@aws-sdk/client-lambda',
    '@aws-cdk/cloudformation-diff', // what changes, and whether it is replaced: AWS's registry data
    '@aws-sdk/xml-builder', // bodies of S3 requests
    '@smithy/core',
    '@smithy/signature-v4', // whether a request is signed with the key that it names
    '@peculiar/x509@^1', // TLS certificates of the local PostgreSQL
    'adm-zip', // zip assets
    'chokidar@^4', // DAG files that change; 5 is ESM only
    'commander@^14',
    'ignore@^7', // leaves DAG files out as CDK's asset staging does
    'log-update@^4', // the newest that is CommonJS
    'pg',
    'picocolors',
    'proper-lockfile',
    'yaml', // templates as the CDK command line sends them
    '@types/adm-zip',
    '@types/pg',
    '@types/proper-lockfile',
    // development
    '@aws-sdk/client-cloudformation', // what integ/cycle asks
    '@aws-sdk/client-rds',
    'fast-check', // brought secrets may hold any characters
    '@aws-cdk/integ-runner@2.197.10', // newer ones are not published
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
    '@types/aws-lambda',
    'aws-cdk@2.1148.1', // not `latest`: 3.0.0 is an accident
    'aws-sdk-client-mock',
    'cdk-nag@^3',
    'dependency-cruiser@^17', // 18 needs Node.js 22
    'esbuild',
    'expect', // jest's, for checks that run outside of jest too
    'jest-light-runner@^0.8', // see jest.runner
    'oxlint@^1',
    'oxlint-tsgolint',
    'playwright-core', // drives an installed Chromium; downloads no browser
    'tsconfig-paths@^4', // the examples import the library by its name
    'tsx', // TypeScript in jest's processes
    'typescript-7@npm:typescript@^7.0.2', // the native compiler, for `typecheck`: a fifth of the time
  ],

  // Handlers are bundled below: projen's generated wrappers fix the Node.js runtime, ours takes the newest that the consumer's CDK knows.
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  integrationTestAutoDiscover: false, // integ.*.ts run by integ-runner, not *.integ.ts run by projen

  publishToPypi: { distName: 'serverless-airflow', module: 'serverless_airflow', trustedPublishing: true, attestations: true },
  publishToMaven: {
    javaPackage: 'io.github.serverlessairflow',
    mavenGroupId: 'io.github.serverlessairflow',
    mavenArtifactId: 'serverless-airflow',
    mavenServerId: 'central-ossrh',
  },
  publishToGo: { moduleName: 'github.com/serverless-airflow/serverless-airflow-go' },
  npmAccess: javascript.NpmAccess.PUBLIC,
  npmTrustedPublishing: true,
  npmProvenance: true,
  checkLicenses: { allow: ['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'], production: true },
  jsiiReleaseVersion: '0.2.1061', // publib, which uploads: pinned, projen's default is latest
  releaseEnvironment: 'release', // protect it: required reviewers
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(), // a person starts a release
  auditDeps: true, // task `audit`: npm audit of what users install
  auditDepsOptions: { level: 'high', prodOnly: true, runOn: 'manual' },
  compat: false, // turn on after the first release

  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      collectCoverage: false, // says less than the systematic mutations do
      maxWorkers: '100%', // jest leaves one core unused by default: on two that is half of them
      // Test files of a process share their modules: jest's own runner loads aws-cdk-lib anew for each, which took two thirds of the time.
      runner: ['jest-light-runner', { runtime: 'child_process' }] as unknown as string,
      setupFiles: ['<rootDir>/test/setup.mjs'],
      globalSetup: '<rootDir>/test/global-setup.mjs',
      globalTeardown: '<rootDir>/test/global-teardown.mjs',
    },
  },
  eslintOptions: { dirs: ['src', 'local', 'bench', 'tools'], devdirs: ['test', 'integ', 'examples'] },
  depsUpgradeOptions: {
    cooldown: 7,
    exclude: ['@aws-cdk/integ-runner', '@aws-cdk/integ-tests-alpha', 'aws-cdk', 'aws-cdk-lib', 'constructs', 'typescript'],
  },
  gitignore: ['cdk.out', 'cdk.context.json', '.jsii.tabl.json', '__pycache__', 'build/', 'integ/**/cdk-integ.out.*', 'integ/**/*.snapshot/**/asset.*'],
  npmIgnoreOptions: { ignorePatterns: ['/bench/', '/build/', '/docs/', '/examples/', '/integ/', '/tools/', '/.ci/', '/local/**/*.ts', '/CONTRIBUTING.md', '/ARCHITECTURE.md', '/ruff.toml', '/.dependency-cruiser.js'] },
  pullRequestTemplate: true,
});

// The lock file names no registry host: it works behind any mirror. Integrity hashes stay.
project.npmrc.addConfig('omit-lockfile-registry-resolved', 'true');

// test/setup.mjs transpiles
project.deps.removeDependency('ts-jest');
project.jest!.config.transform = {};

// Everything TypeScript in one program. It is an extra file: test/tsconfig.json must stay, because eslint's
// project service and editors take the nearest tsconfig.json (tsconfigDevFile would replace it).
new javascript.TypescriptConfig(project, {
  fileName: 'tsconfig.dev.json',
  extends: javascript.TypescriptConfigExtends.fromPaths(['./tsconfig.json']),
  include: ['src', 'local', 'test', 'integ', 'bench', 'tools', 'examples/typescript'].map(folder => `${folder}/**/*.ts`).concat('.projenrc.ts'),
  exclude: ['node_modules', '**/*.snapshot', '**/cdk.out'],
  // the examples import the library by its name
  compilerOptions: { noEmit: true, rootDir: '.', paths: { 'serverless-airflow': ['./src'] } },
});
project.addPackageIgnore('/tsconfig.dev.json');
// eslint lints without types; the two rules that need them are oxlint's, which asks the native compiler: a fifth of the time
project.eslint!.config.parserOptions = { ecmaVersion: 2022, sourceType: 'module' };
// test files share a process, and with it the environment
project.eslint!.addOverride({
  files: ['test/**'],
  excludedFiles: ['test/environment-variable.ts'],
  rules: {
    'no-restricted-syntax': ['error', {
      selector: "AssignmentExpression[left.object.object.name='process'][left.object.property.name='env']",
      message: 'the next test file would see it: use environmentVariable',
    }],
  },
});
const TYPED_RULES = ['no-floating-promises', 'return-await'];
TYPED_RULES.forEach(rule => delete project.eslint!.rules[`@typescript-eslint/${rule}`]);
new JsonFile(project, '.oxlintrc.json', {
  marker: false, // it takes no field that it does not know
  obj: {
    plugins: ['typescript'],
    categories: { correctness: 'off' }, // eslint's
    rules: Object.fromEntries(TYPED_RULES.map(rule => [`typescript/${rule}`, 'error'])),
  },
});
project.addPackageIgnore('/.oxlintrc.json');
const oxlint = project.addTask('oxlint', {
  description: 'Lint what is done with promises',
  exec: 'oxlint --type-aware',
});
project.eslint!.config.settings['import/resolver'].typescript.project = './tsconfig.dev.json';
// the AWS SDK of handlers comes with the Lambda runtime; the libraries of the runner are bundled; tools are not published
project.eslint!.allowDevDeps('**/*.lambda.ts');
['local', 'bench', 'tools'].forEach(folder => project.eslint!.allowDevDeps(`**/${folder}/**`));
const typecheck = project.addTask('typecheck', {
  description: 'Check the types of everything: tests and tools only transpile',
  exec: 'node node_modules/typescript-7/bin/tsc --noEmit -p tsconfig.dev.json',
});

// Lambda handlers, bundled at build time: consumers need neither esbuild nor Docker. The AWS SDK is part of the Lambda runtime.
for (const entry of handlers('src')) {
  project.bundler.addBundle(entry, { platform: 'node', target: 'node22', externals: ['@aws-sdk/*'], sourcemap: false });
}

// Python programs that the template contains: files beside the handlers, which sources and compiled library find at the same place.
const bundlePrograms = project.addTask('bundle:programs', {
  description: 'Copy the Python programs',
  exec: 'esbuild "src/**/*.py" --loader:.py=copy --outbase=src --outdir=assets --log-level=warning',
});
project.bundler.bundleTask.spawn(bundlePrograms);

// The local runner: one file, so that its libraries do not become dependencies of the construct.
const bundleLocal = project.addTask('bundle:local', {
  description: 'Bundle the local runner',
  exec: [
    'esbuild local/cli.ts --bundle --minify --keep-names --platform=node --target=node20 --external:pg-native --outfile=assets/local/cli.js',
    '--alias:@aws-cdk/aws-service-spec=./local/cloudformation/service-spec.ts',
  ].join(' '),
});
bundleLocal.exec('node tools/service-spec.mjs');
project.bundler.bundleTask.spawn(bundleLocal);
project.addBins({ 'serverless-airflow': 'bin/serverless-airflow' });

project.compileTask.exec('node tools/strip-source-maps.mjs');

// README and @example snippets have to compile
const rosetta = project.addTask('rosetta', {
  description: 'Compile the snippets of README.md and @example',
  exec: 'jsii-rosetta extract --strict',
});
project.postCompileTask.spawn(rosetta);

project.addTask('sbom', {
  description: 'Software bill of materials of the published package (CycloneDX)',
  exec: 'npm sbom --omit dev --sbom-format cyclonedx > dist/sbom.cdx.json',
});

// each worker of the runner loads the CDK: two are as fast as its default
const INTEG_RUNNER = 'integ-runner --directory integ --max-workers 2 --app "node --import tsx {filePath}" --test-regex "/integ[.][a-z-]+[.]ts$"';
project.addTask('integ', {
  description: 'Say how the snapshots of integ/integ.*.ts differ, and what that replaces (no AWS access needed)',
  exec: INTEG_RUNNER,
  receiveArgs: true,
});
const snapshots = project.addTask('snapshots', {
  description: 'Verify the snapshots of integ/integ.*.ts, in a sixth of the time that integ-runner takes',
  exec: 'node --import tsx tools/snapshots.ts',
});
project.addTask('integ:snapshot', {
  description: 'Rewrite changed snapshots without deploying',
  exec: `${INTEG_RUNNER} --update-on-failed --dry-run`,
  receiveArgs: true,
});
project.addTask('integ:deploy', {
  description: 'Deploy, assert, destroy and then rewrite snapshots, on the AWS that the environment points to',
  // without the update workflow: it deploys the committed snapshot first, whose asset bodies are not committed; integ:cycle updates instead
  // in a real shell: projen's own has no default values
  exec: `sh -c '${INTEG_RUNNER} --force --parallel-regions "\${AWS_REGION:-us-east-1}" --no-update-workflow "$@"' sh`,
  receiveArgs: true,
});
project.addTask('integ:cycle', {
  description: 'Whole lives of deployments against a local AWS: deploy, change, fail, roll back, destroy (needs ../shared/tools/local-aws or LOCAL_AWS)',
  env: { TS_NODE_TRANSPILE_ONLY: '1' },
  exec: 'integ/with-local-aws ts-node integ/cycle/cycle.ts',
  receiveArgs: true,
});
const ruff = project.addTask('ruff', {
  description: 'Lint the Python files',
  env: { TS_NODE_TRANSPILE_ONLY: '1' },
  exec: 'ts-node tools/ruff.ts',
});
const structure = project.addTask('structure', {
  description: 'No file imports in a circle, and no room imports from one above it',
  exec: 'depcruise src local --config .dependency-cruiser.js --ts-config tsconfig.dev.json',
});
const installLinters = project.addTask('install-linters', {
  description: 'Install the linters of tools/*.lock into the user\'s cache: tests only use them',
  env: { TS_NODE_TRANSPILE_ONLY: '1' },
  exec: 'ts-node tools/install-linters.ts',
});
project.testTask.prependSpawn(installLinters);
project.testTask.spawn(oxlint);
project.testTask.spawn(typecheck);
project.testTask.spawn(structure);
project.testTask.spawn(ruff);
project.testTask.spawn(snapshots);

// `npm test`, `npm run demo` and `npm run bench` are the first commands in a fresh clone: tools/run.mjs installs what is missing, then runs the task.
const check = project.addTask('check', { description: 'Everything that starts nothing but itself: compile, unit tests, lint, types, snapshots' });
const unit = project.addTask('unit', { description: 'Run the tests that start no server', exec: 'jest --ci --testPathIgnorePatterns /node_modules/ [.]system[.]', receiveArgs: true });
const system = project.addTask('test:system', { description: 'Run the tests that start servers, containers and networks of their own, and other programs', exec: 'jest --ci [.]system[.]', receiveArgs: true });
check.spawn(project.bundler.bundleTask); // tests, snapshots and the package need the bundles
check.spawn(installLinters);
// two processes of jest and two other lanes keep two cores busy until the end
const lanes = [[unit], [project.compileTask, snapshots], [project.eslint!.eslintTask, oxlint, typecheck, structure, ruff]];
check.exec(`node tools/parallel.mjs ${lanes.map(lane => lane.map(({ name }) => name).join(',')).join(' ')}`);
const demo = project.addTask('demo', { description: 'Synthesize examples/typescript/getting-started, run it locally, run its DAGs', receiveArgs: true });
demo.exec('ts-node tools/demo.ts', { receiveArgs: true });
const attacks = project.addTask('attacks', { description: 'Attack a local Airflow from DAG code and from outside: everything has to be refused', receiveArgs: true });
attacks.exec('ts-node test/attacks/run.ts', { receiveArgs: true });
const kills = project.addTask('kills', { description: 'End a local Airflow at random moments, 30 times or as often as is said: the next one has to work', receiveArgs: true });
kills.exec('ts-node tools/kills.ts', { receiveArgs: true });
const deploys = project.addTask('deploys', { description: 'Deploy changes to a local Airflow while tasks are at work: what rolls, what is rolled back, no task is lost', receiveArgs: true });
deploys.exec('ts-node tools/deploys.ts', { receiveArgs: true });
const account = project.addTask('account', { description: 'Deploy the example with the CDK command line to an account on this machine: deploy, run, change, destroy' });
account.exec('ts-node tools/account.ts');
const bench = project.addTask('bench', { description: 'Measure synthesis, start-up and task latency beside airflow standalone', receiveArgs: true });
bench.exec('ts-node bench/bench.ts', { receiveArgs: true });
const benchScaling = project.addTask('bench:scaling', { description: 'Simulate how the packaged scaler and others scale workers: waits, bills, limits', receiveArgs: true });
benchScaling.exec('ts-node bench/scaling/simulate.ts', { receiveArgs: true });
const soak = project.addTask('soak', { description: 'Run 2,000 short tasks, or as many as is said, and look at what stays of them', receiveArgs: true });
soak.exec('ts-node bench/soak/soak.ts', { receiveArgs: true });
const scaleDemo = project.addTask('scale-demo', { description: 'A pool of workers at zero, 40 tasks that arrive, and the pool at zero again', receiveArgs: true });
scaleDemo.exec('ts-node bench/scale-demo.ts', { receiveArgs: true });
const scaleTrials = project.addTask('scale-trials', { description: 'Let things happen to pools of workers at work: no task may be lost, killed or stuck', receiveArgs: true });
scaleTrials.exec('ts-node bench/scale-trials/scale-trials.ts', { receiveArgs: true });
const mutations = project.addTask('mutations', { description: 'Make deliberate mistakes in the default template and say which layer catches each', receiveArgs: true });
mutations.exec('ts-node test/mutations/run.ts', { receiveArgs: true });
const docs = project.addTask('docs', { description: 'Write the documents that are made of the code itself' });
docs.exec('ts-node tools/docs.ts');
const nag = project.addTask('nag', { description: 'Print what the rule packs of cdk-nag find in the default template, with each preset, and in plain CDK' });
nag.exec('ts-node tools/nag.ts');
const languages = project.addTask('languages', { description: 'Build the packages, install each into a new app, compare their templates', receiveArgs: true });
languages.exec('ts-node tools/languages.ts', { receiveArgs: true });
const examples = project.addTask('examples', { description: 'Synthesize and lint every example, alone and with the built packages', receiveArgs: true });
examples.exec('ts-node tools/examples.ts', { receiveArgs: true });
for (const task of [languages, examples]) {
  task.env('TS_NODE_TRANSPILE_ONLY', '1');
  task.prependSpawn(project.compileTask);
  task.prependSpawn(project.bundler.bundleTask);
}
examples.prependSpawn(installLinters);
mutations.prependSpawn(installLinters);
system.prependSpawn(project.bundler.bundleTask);
system.prependSpawn(installLinters);
for (const task of [demo, attacks, kills, deploys, account, bench, benchScaling, soak, scaleDemo, scaleTrials, mutations, docs, nag]) {
  task.env('TS_NODE_TRANSPILE_ONLY', '1');
  task.prependSpawn(project.bundler.bundleTask);
}
project.setScript('test', 'node tools/run.mjs check');
project.setScript('test:system', 'node tools/run.mjs test:system');
project.setScript('demo', 'node tools/run.mjs demo');
project.setScript('attacks', 'node tools/run.mjs attacks');
project.setScript('kills', 'node tools/run.mjs kills');
project.setScript('deploys', 'node tools/run.mjs deploys');
project.setScript('account', 'node tools/run.mjs account');
project.setScript('bench', 'node tools/run.mjs bench');
project.setScript('bench:scaling', 'node tools/run.mjs bench:scaling');
project.setScript('soak', 'node tools/run.mjs soak');
project.setScript('scale-demo', 'node tools/run.mjs scale-demo');
project.setScript('scale-trials', 'node tools/run.mjs scale-trials');
project.setScript('mutations', 'node tools/run.mjs mutations');
project.setScript('docs', 'node tools/run.mjs docs');
project.setScript('languages', 'node tools/run.mjs languages');
project.setScript('examples', 'node tools/run.mjs examples');

// unrs-resolver (jest, eslint-import-resolver-typescript) 1.13.0 came with platform bindings that could not be resolved:
// the lock file was incomplete and `npm ci` refused it
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// publib's own default: no package registry host stands in the repository
project.tryFindObjectFile('.github/workflows/release.yml')!.patch(JsonPatch.remove('/jobs/release_npm/steps/9/env/NPM_REGISTRY'));

// what projen's own `npx -c` finds, without starting npm for each task
project.tasks.addEnvironment('PATH', '$(node --print "[path.resolve(\'node_modules/.bin\'), process.env.PATH].join(path.delimiter)")');
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');
project.synth();

/** All `*.lambda.ts` below a folder. */
function handlers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf-8' })
    .filter(file => file.endsWith('.lambda.ts'))
    .map(file => `${folder}/${file}`)
    .sort();
}

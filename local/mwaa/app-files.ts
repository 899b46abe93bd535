import { snakeCase } from './code';
import type { MwaaEnvironment } from './environment';
import { folderOf, type Plan } from './plan';

export const LANGUAGES = ['typescript', 'python'] as const;
export type AppLanguage = typeof LANGUAGES[number];

/** The files of the app, by their path. */
export function appFiles(environment: MwaaEnvironment, plan: Plan, language: AppLanguage): Record<string, string> {
  return {
    ...language === 'typescript' ? typescriptFiles(plan) : pythonFiles(plan),
    ...'image' in plan.properties && { 'bucket/Dockerfile': dockerfile(plan) },
    'MIGRATION.md': migration(environment, plan, language),
  };
}

function typescriptFiles(plan: Plan): Record<string, string> {
  const { modules, types } = used(plan);
  const imports = [
    `import { App, Stack${Object.keys(plan.tags).length > 0 ? ', Tags' : ''} } from 'aws-cdk-lib';`,
    ...modules.map(module => `import * as ${module} from 'aws-cdk-lib/aws-${module}';`),
    ...'image' in plan.properties ? ['import { Platform } from \'aws-cdk-lib/aws-ecr-assets\';'] : [],
    `import { ${types.filter(type => !type.endsWith('Options')).join(', ')} } from 'serverless-airflow';`,
  ];
  const app = `${imports.join('\n')}

const app = new App();
const stack = new Stack(app, '${plan.stack}');
${Object.entries(plan.imports).map(([variable, { code }]) => `const ${variable} = ${code.typescript('')};\n`).join('')}
new ServerlessAirflow(stack, 'Airflow', {
${Object.entries(plan.properties).map(([property, value]) => property === value.typescript('') ? `  ${property},` : `  ${property}: ${value.typescript('  ')},`).join('\n')}
});
${Object.entries(plan.tags).map(([tag, value]) => `Tags.of(app).add(${JSON.stringify(tag)}, ${JSON.stringify(value)});\n`).join('')}`;
  const packageJson = {
    private: true,
    dependencies: { 'aws-cdk-lib': '^2.257.0', 'constructs': '^10.5.1', 'serverless-airflow': '*' },
    devDependencies: { '@types/node': '^22', 'aws-cdk': '^2.1148.1', 'tsx': '^4', 'typescript': '~5.9' },
  };
  return { 'app.ts': app, 'package.json': `${JSON.stringify(packageJson, undefined, 2)}\n`, 'cdk.json': '{\n  "app": "npx tsx app.ts"\n}\n' };
}

function pythonFiles(plan: Plan): Record<string, string> {
  const { modules, types } = used(plan);
  const imports = [
    `from aws_cdk import App, Stack${Object.keys(plan.tags).length > 0 ? ', Tags' : ''}`,
    ...modules.map(module => `from aws_cdk import aws_${module} as ${module}`),
    ...'image' in plan.properties ? ['from aws_cdk.aws_ecr_assets import Platform'] : [],
    `from serverless_airflow import ${types.join(', ')}`,
  ];
  const app = `${imports.join('\n')}

app = App()
stack = Stack(app, "${plan.stack}")
${Object.entries(plan.imports).map(([variable, { code }]) => `${snakeCase(variable)} = ${code.python('')}\n`).join('')}
ServerlessAirflow(
    stack,
    "Airflow",
${Object.entries(plan.properties).map(([property, value]) => `    ${snakeCase(property)}=${property in plan.imports ? snakeCase(property) : value.python('    ')},`).join('\n')}
)
${Object.entries(plan.tags).map(([tag, value]) => `Tags.of(app).add(${JSON.stringify(tag)}, ${JSON.stringify(value)})\n`).join('')}
app.synth()
`;
  return { 'app.py': app, 'requirements.txt': 'serverless-airflow\n', 'cdk.json': '{\n  "app": "python app.py"\n}\n' };
}

/** What the app has to import. */
function used({ properties, imports }: Plan): { modules: string[]; types: string[] } {
  const text = Object.values(properties).map(value => value.python('')).join('\n');
  const modules = [...Object.values(imports).map(({ type }) => type), ...'image' in properties ? ['ecs'] : []];
  const types = ['AirflowFirstWorkerPoolOptions', 'AirflowServiceOptions', 'AirflowVersion', 'DagSource', 'WorkerScaling'].filter(type => text.includes(type));
  return { modules: [...new Set(modules)].sort(), types: [...types, 'ServerlessAirflow'].sort() };
}

function dockerfile({ version, requirements, plugins, startupScript }: Plan): string {
  return `FROM apache/airflow:${version}-python3.12
${startupScript ? `COPY ${startupScript} /tmp/startup.sh
USER root
RUN bash /tmp/startup.sh
USER airflow
` : ''}${requirements ? `# lines with --constraint in it are for MWAA's own versions: remove them
COPY ${requirements} /tmp/requirements.txt
RUN pip install --no-cache-dir "apache-airflow==${version}" -r /tmp/requirements.txt \\
    --constraint https://raw.githubusercontent.com/apache/airflow/constraints-${version}/constraints-3.12.txt
` : ''}${plugins ? 'COPY plugins/ /opt/airflow/plugins/\n' : ''}`;
}

function migration({ Name, SourceBucketArn, DagS3Path }: MwaaEnvironment, plan: Plan, language: AppLanguage): string {
  const bucket = SourceBucketArn.split(':').at(-1);
  const install = language === 'typescript' ? 'npm install && npx cdk synth --quiet' : 'pip install -r requirements.txt && npx aws-cdk@2 synth --quiet';
  const fetched = [DagS3Path, plan.requirements, plan.plugins, plan.startupScript].filter(path => path !== undefined);
  return `# From the environment ${Name} to an app of your own

\`\`\`sh
aws s3 sync s3://${bucket} bucket --exclude '*' ${fetched.map(path => `--include '${folderOf(path)}${path === DagS3Path ? '/*' : ''}'`).join(' ')}
${plan.plugins ? `unzip bucket/${plan.plugins} -d bucket/plugins\n` : ''}${install}
npx serverless-airflow cost
\`\`\`

Sizes of workers follow from the class: as much processor as MWAA has, and memory for as many tasks.

## What is different

${plan.notes.map(note => `- ${note}`).join('\n')}
`;
}

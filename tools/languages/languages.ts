import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { succeed } from './command';
import { Language } from './language';
import { findPython } from '../../local/install/python';
import { ROOT } from '../example';

/** The oldest CDK that the library takes: newest releases differ between the registries, and with them what the CDK writes. */
const { 'aws-cdk-lib': CDK, constructs: CONSTRUCTS }: Record<string, string> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf-8')).devDependencies;

export class TypeScript extends Language {
  readonly name = 'TypeScript';
  readonly folder = 'typescript';
  readonly program = 'npm';
  protected readonly target = 'js';

  override install(): void {
    super.install();
    cpSync(join(ROOT, 'examples/typescript/getting-started/package.json'), join(this.workspace, 'package.json'));
    succeed(['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', this.artifact, `aws-cdk-lib@${CDK}`, `constructs@${CONSTRUCTS}`], { cwd: this.workspace });
  }

  protected isArtifact(file: string): boolean {
    return file.endsWith('.tgz');
  }

  protected prepare(app: string): void {
    symlinkSync(join(this.workspace, 'node_modules'), join(app, 'node_modules'));
  }
}

export class Python extends Language {
  readonly name = 'Python';
  readonly folder = 'python';
  readonly program = 'python3';
  protected readonly target = 'python';

  /** @param interpreter one that the local runner would take as well */
  constructor(workspace: string, private readonly interpreter: string) {
    super(workspace);
    const programs = join(workspace, '.venv/bin');
    this.environment = { PATH: [programs, process.env.PATH].join(delimiter), VIRTUAL_ENV: dirname(programs) };
  }

  override install(): void {
    super.install();
    succeed([this.interpreter, '-m', 'venv', '.venv'], { cwd: this.workspace });
    const cdk = [`aws-cdk-lib==${CDK}`, `constructs==${CONSTRUCTS}`];
    succeed(['.venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', this.artifact, ...cdk], { cwd: this.workspace });
  }

  protected isArtifact(file: string): boolean {
    return file.endsWith('.whl');
  }

  protected prepare(): void {} // the virtual environment is on the PATH
}

export class Java extends Language {
  readonly name = 'Java';
  readonly folder = 'java';
  readonly program = 'mvn';
  protected readonly target = 'java';

  /** Maven keeps a release for ever: under a version of its own it is the one that was built. */
  private readonly version = `0.0.0-${randomBytes(4).toString('hex')}`;

  override install(): void {
    super.install();
    const pom = join(this.workspace, 'installed.pom');
    writeFileSync(pom, readFileSync(this.artifact.replace(/\.jar$/, '.pom'), 'utf-8').replace(/<version>[^<]*</, `<version>${this.version}<`));
    succeed(['mvn', '-q', '-B', 'install:install-file', `-Dfile=${this.artifact}`, `-DpomFile=${pom}`], { cwd: this.workspace });
  }

  /** Removes what `install` has put into the user's Maven repository. */
  clean(): void {
    rmSync(join(homedir(), '.m2/repository/io/github/serverlessairflow/serverless-airflow', this.version), { recursive: true, force: true });
  }

  protected isArtifact(file: string): boolean {
    return file.endsWith('.jar') && !/-(sources|javadoc)\.jar$/.test(file);
  }

  protected prepare(app: string): void {
    mkdirSync(join(app, '.mvn'));
    writeFileSync(join(app, '.mvn/maven.config'), `-Dserverless-airflow.version=${this.version}\n`);
  }
}

export class Go extends Language {
  readonly name = 'Go';
  readonly folder = 'go';
  readonly program = 'go';
  protected readonly target = 'go';

  /** The module proxy of the machine may lack modules of the CDK. */
  override unavailable({ message }: Error): string | undefined {
    const [, module] = /(\S+@v\S+?):? [^\n]*: (?:40[34]|410) /.exec(message) ?? /verifying (\S+@v\S+): .*40[34]/.exec(message) ?? [];
    return module && `the module proxy does not serve ${module}`;
  }

  protected isArtifact(file: string): boolean {
    return file === 'serverlessairflow/go.mod';
  }

  override get artifactBytes(): number {
    const folder = dirname(this.artifact);
    return readdirSync(join(folder, 'jsii')).filter(name => name.endsWith('.tgz')).reduce((sum, name) => sum + readFileSync(join(folder, 'jsii', name)).length, 0);
  }

  protected prepare(app: string): void {
    const module = /^module (\S+)/m.exec(readFileSync(this.artifact, 'utf-8'))![1];
    succeed(['go', 'mod', 'edit', `-replace=${module}=${dirname(this.artifact)}`], { cwd: app });
    succeed(['go', 'mod', 'tidy'], { cwd: app });
  }
}

/** All of them, each with a folder of its own below a new one. */
export async function allLanguages(workspace: string): Promise<[TypeScript, Python, Java, Go]> {
  const { executable } = await findPython();
  const folder = (name: string) => join(workspace, name);
  return [new TypeScript(folder('typescript')), new Python(folder('python'), executable), new Java(folder('java')), new Go(folder('go'))];
}

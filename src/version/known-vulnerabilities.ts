/** A published vulnerability of Airflow that concerns what this library defines. */
export interface KnownVulnerability {
  /** Id of the CVE, which the warning is acknowledged by. */
  readonly cve: string;
  /** The first release that has it; releases before 3.1.0 are not supported. */
  readonly since: string;
  /** The first release that does not have it any more. */
  readonly fixedIn: string;
  readonly what: string;
  /** What keeps it from being used in a deployment of this library. */
  readonly protection?: string;
}

/** From https://airflow.apache.org/security and the CVE list, as of 2026-11-28: vulnerabilities of components that run here, not of providers. */
export const KNOWN_VULNERABILITIES: KnownVulnerability[] = [
  { cve: 'CVE-2026-22922', since: '3.1.0', fixedIn: '3.1.7', what: 'users without the permission for task logs can read them' },
  {
    cve: 'CVE-2026-28779',
    since: '3.1.0',
    fixedIn: '3.1.8',
    what: 'other applications under the host name of the web server get the session tokens of its users',
    protection: 'the private name of the web server is its own',
  },
  { cve: 'CVE-2026-30911', since: '3.1.0', fixedIn: '3.1.8', what: 'every task can answer the questions that other tasks ask of people' },
  { cve: 'CVE-2026-25917', since: '3.1.0', fixedIn: '3.2.0', what: 'authors of DAGs can run code in the web server' },
  { cve: 'CVE-2026-33858', since: '3.1.8', fixedIn: '3.2.0', what: 'authors of DAGs can run code in the web server' },
  { cve: 'CVE-2026-41084', since: '3.2.0', fixedIn: '3.2.2', what: 'who may edit one DAG can change the tasks of every DAG' },
  { cve: 'CVE-2026-45426', since: '3.1.0', fixedIn: '3.2.2', what: 'who may read the live logs of one DAG can read those of others' },
  { cve: 'CVE-2026-48726', since: '3.1.0', fixedIn: '3.2.2', what: 'tokens stay valid after their user has logged out' },
  { cve: 'CVE-2026-33264', since: '3.1.0', fixedIn: '3.3.0', what: 'authors of DAGs can run code in scheduler and web server' },
  { cve: 'CVE-2026-58076', since: '3.1.0', fixedIn: '3.3.1', what: 'authors of DAGs can run code in scheduler and web server' },
  {
    cve: 'CVE-2026-68982',
    since: '3.1.0',
    fixedIn: '3.4.0',
    what: 'whoever can write to the broker can run code on workers',
    protection: 'the Redis of this library has a password and lets in scheduler, workers and Flower only',
  },
];

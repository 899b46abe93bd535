/** Settings that belong to the construct here, and to MWAA there: it would refuse them. */
const DECIDED: [RegExp, string][] = [
  [/^core\.(executor|execution_api_server_url|hostname_callable|fernet_key|sql_alchemy_conn)$/, 'the construct decides it'],
  [/^(database\.sql_alchemy_(conn|conn_async|schema)|celery\.(broker_url|ssl_active|result_backend|flower_.*|worker_enable_remote_control)|celery_broker_transport_options\..*)$/,
    'database and broker are parts of the construct'],
  [/^celery\.worker_(concurrency|autoscale)$/, 'property concurrency of worker'],
  [/^(api_auth\.jwt_(secret|issuer)|(api|webserver)\.secret_key)$/, 'the construct generates it'],
  [/^(core\.dags_folder|dag_processor\.dag_bundle_config_list)$/, 'property dags'],
  [/^logging\.(remote_.*|delete_local_logs|.*_log_server_port)$/, 'property taskLogs'],
  [/^(api|webserver)\.(host|port|ssl_cert|ssl_key|web_server_.*|base_url)$/, 'the address follows from how people reach the web server (docs/networking.md)'],
  [/^workers\.execution_api_server_url$/, 'the construct decides it'],
  [/^(scheduler\.(enable_health_check|scheduler_health_check_server_.*|job_heartbeat_sec)|triggerer\.job_heartbeat_sec)$/, 'health checks rely on it'],
];

/** Sections that Airflow 3 does not have: their settings have other names, or are gone. */
const FORMER_SECTIONS = /^(webserver|kubernetes|smart_sensor|ldap|atlas|hive)\./;

export interface Settings {
  /** `AIRFLOW__SECTION__OPTION` */
  readonly variables: Record<string, string>;
  readonly dropped: { readonly option: string; readonly reason: string }[];
}

/** What becomes of `AirflowConfigurationOptions`. */
export function convertSettings(options: Record<string, string>): Settings {
  const variables: Record<string, string> = {};
  const dropped: Settings['dropped'] = [];
  for (const [option, value] of Object.entries(options).sort(([one], [other]) => one.localeCompare(other))) {
    const reason = DECIDED.find(([pattern]) => pattern.test(option))?.[1]
      ?? (FORMER_SECTIONS.test(option) ? 'Airflow 3 has no such section: `airflow config lint` names what replaced it' : undefined);
    if (reason) {
      dropped.push({ option, reason });
    } else {
      variables[`AIRFLOW__${option.replace('.', '__').toUpperCase()}`] = value;
    }
  }
  return { variables, dropped };
}

/** What DAG code may do: the same ways as the attacks, so that a refusal is not just a way that is broken. */
export const ALLOWED: Record<string, RegExp> = {
  may_log_in_to_result_database: /^reached: airflow_results in airflow_results$/,
  may_read_dags: /^reached: [1-9]\d* files$/,
  may_print_its_environment: /^reached: printed$/,
  may_write_to_temporary_folder: /^reached: \/tmp\/attack$/,
  may_reach_web_server: /^reached: webserver\.airflow:8080$/,
  may_call_execution_api: /^reached: HTTP 200 /,
};

/** As boto3 shows it: errors of S3 have classes of their own. */
const deniedByIam = (action: string) => new RegExp(`^refused: (AccessDenied|ClientError): .* is not authorized to perform: ${action} `);
/** Packets are dropped, or there is no route. */
const UNREACHABLE = /^refused: (TimeoutError|OSError): /;

/** Attacks, and who refuses them how. */
export const REFUSED: Record<string, RegExp> = {
  // PostgreSQL
  metadata_database_with_own_role: /^refused: OperationalError: .*permission denied for database "airflow"/,
  metadata_database_without_its_password: /^refused: OperationalError: .*password authentication failed for user "airflow"/,
  tables_in_another_database: /^refused: InsufficientPrivilege: permission denied for schema public/,
  database_without_tls: /^refused: OperationalError: .*no encryption/,
  passwords_of_database_roles: /^refused: InsufficientPrivilege: permission denied for table pg_authid/,
  poisoned_result: /^refused: PermissionError: the results of [1-9]\d* tasks are not kept$/,
  own_table_of_results: /^refused: InsufficientPrivilege: must be owner of table celery_taskmeta$/,
  own_schema_of_results: /^refused: InsufficientPrivilege: permission denied for database airflow_results$/,

  // what a worker is given, and IAM
  passwords_in_own_environment: /^refused: none is there$/,
  secrets_in_environment: /^refused: none is there$/,
  jwt_secret: deniedByIam('secretsmanager:GetSecretValue'),
  database_password: deniedByIam('secretsmanager:GetSecretValue'),
  broker_password: deniedByIam('secretsmanager:GetSecretValue'),
  fernet_key: deniedByIam('secretsmanager:GetSecretValue'),
  all_secrets: deniedByIam('secretsmanager:ListSecrets'),
  credentials_of_another_task: /^refused: PermissionError: HTTP 400 .*ID not found/,
  write_dags: deniedByIam('s3:PutObject'),
  other_prefix_of_log_bucket: deniedByIam('s3:PutObject'),
  delete_logs: deniedByIam('s3:DeleteObject'),
  read_other_bucket: deniedByIam('s3:GetObject'),
  write_other_bucket: deniedByIam('s3:PutObject'),
  all_buckets: deniedByIam('s3:ListAllMyBuckets'),

  // the container
  write_elsewhere: /^refused: \['OSError'(, 'PermissionError')?\]$/,
  // rootless, there is no user 0 at all: EINVAL
  become_root: /^refused: (PermissionError: .Errno 1.|OSError: .Errno 22.)/,

  // security groups
  internet: UNREACHABLE,
  flower: UNREACHABLE,
  port_scan: /^refused: all but \[5432, 6379, 8080\]$/,
  unknown_name: /^refused: gaierror: /,

  // Redis and Airflow
  message_without_password: /^refused: PermissionError: -NOAUTH /,
  execution_api_without_token: /^refused: PermissionError: HTTP 40[13] /,
  execution_api_with_forged_token: /^refused: PermissionError: HTTP 40[13] /,
  rest_api_with_forged_token: /^refused: PermissionError: HTTP 40[13] /,
  forged_session: /^refused: PermissionError: asked for the password$/,
  logs_without_token: /^refused: PermissionError: HTTP 403 /,
  logs_with_forged_token: /^refused: PermissionError: HTTP 403 /,
};

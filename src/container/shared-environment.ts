import { Lazy, Names } from 'aws-cdk-lib';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { CeleryExecutor } from '../executor/celery-executor';

/**
 * The settings that all Airflow processes of a deployment have in common.
 *
 * `[api] base_url` is left out on purpose. Without it every redirect of the web server is relative and the user interface works under any
 * address: the private name, a forwarded port on localhost, a load balancer. With the private name there, logging in through a forwarded
 * port would lead to a host that the browser cannot reach.
 */
export function sharedEnvironment(cluster: AirflowCluster): Record<string, string> {
  return {
    // Airflow writes a file with its defaults where it finds none, and the image is read-only. Every setting is a variable.
    AIRFLOW_CONFIG: '/dev/null',
    AIRFLOW__LOGGING__BASE_LOG_FOLDER: '/var/tmp/logs',
    // the home folder is read-only; without a cache uv makes no virtual environment
    XDG_CACHE_HOME: '/tmp/.cache',
    AIRFLOW__CORE__EXECUTOR: CeleryExecutor.NAME,
    AIRFLOW__CORE__AUTH_MANAGER: 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: Lazy.string({ produce: () => `http://${cluster._privateName(cluster._services.executionApi)}:8080/execution/` }),
    // the address of the network interface, which the web server fetches live logs from; host names depend on the VPC's DNS settings
    AIRFLOW__CORE__HOSTNAME_CALLABLE: 'airflow.utils.net.get_host_ip_address',
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    // a task whose worker is lost fails for good with Airflow's default of 0
    AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '1',
    // no limit, for the first deployment: Airflow's pool of 128 would hold back tasks that workers have slots for
    AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT: '-1',
    AIRFLOW__API_AUTH__JWT_ISSUER: Names.uniqueId(cluster),
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: 'False',
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
    // the task role, without asking the metadata database or the API for a connection
    AIRFLOW_CONN_AWS_DEFAULT: 'aws://',
  };
}

import { configVariables, validateConfig } from './container/airflow-config';
import { PART_TYPES } from './container/part-types';
import { validateVariables } from './container/reserved-variables';
import { validateDags } from './dags/bind-dags';
import { PRESET } from './preset/preset-type';
import { ENVIRONMENT, KEY, REMOVAL_POLICY, SUBNETS, VPC } from './properties/cdk-types';
import { BOOLEAN, mapOf, object, PropertyTypes, struct, validateTypes } from './properties/property-types';
import type { TriggererScaling } from './scaling/triggerer-scaling';
import type { WebServerScaling } from './scaling/web-server-scaling';
import type { AirflowFlowerOptions, AirflowTriggererOptions, AirflowWebServerOptions, ServerlessAirflowProps } from './serverless-airflow-props';
import { BROKER, DAGS, SERVICE_TYPES, TASK_LOGS } from './service/service-types';
import type { WebAccess } from './web-access/web-access';
import { FIRST_WORKER_POOL_TYPES } from './workers/airflow-worker-pool';

const SERVICE = struct(SERVICE_TYPES);
const WEB_SERVER = struct<AirflowWebServerOptions>({
  ...SERVICE_TYPES, scaling: object<WebServerScaling>('a WebServerScaling, for example WebServerScaling.onCpu({ maxTasks: 4 })', '_onCpu'),
});

const TRIGGERER = struct<AirflowTriggererOptions>({
  ...SERVICE_TYPES, scaling: object<TriggererScaling>('a TriggererScaling, for example TriggererScaling.onTriggers({ maxTasks: 4 })', '_onTriggers'),
});

const TYPES: PropertyTypes<ServerlessAirflowProps> = {
  ...PART_TYPES,
  preset: PRESET,
  vpc: VPC,
  vpcSubnets: SUBNETS,
  dags: DAGS,
  airflowConfig: mapOf(ENVIRONMENT, 'an object of sections, each an object of strings by the name of the key'),
  environment: ENVIRONMENT,
  taskLogs: TASK_LOGS,
  broker: BROKER,
  removalPolicy: REMOVAL_POLICY,
  encryptionKey: KEY,
  webAccess: object<WebAccess>('a WebAccess, for example WebAccess.privateDns()', '_open'),
  webServer: WEB_SERVER,
  executionApi: WEB_SERVER,
  scheduler: SERVICE,
  dagProcessor: SERVICE,
  triggerer: TRIGGERER,
  worker: struct(FIRST_WORKER_POOL_TYPES),
  flower: struct<AirflowFlowerOptions>({ ...SERVICE_TYPES, enabled: BOOLEAN }),
};

/** Refuses what does not fit together before anything is made of it. */
export function validateProps(props: ServerlessAirflowProps): void {
  validateTypes(props, TYPES);
  for (const property of ['vpc', 'vpcSubnets'] as const) {
    if (props.cluster && props[property]) {
      throw new Error(`property ${property} must be left out when property cluster is given: the AirflowCluster has its own`);
    }
  }
  validateVariables('environment', props.environment ?? {});
  validateConfig(props.airflowConfig);
  refuseTwice(props);
  validateDags(props.dags);
}

/** A setting that two properties have would be the one or the other. */
function refuseTwice({ webAccess, airflowConfig, environment = {} }: ServerlessAirflowProps): void {
  const config = configVariables(airflowConfig);
  const twice = (property: string, names: string[], others: object, owner: string) => {
    const name = names.find(each => each in others);
    if (name !== undefined) { throw new Error(`property ${property} must not contain ${name}: it follows from property ${owner}`); }
  };
  const ofWebAccess = Object.keys(webAccess?._environment ?? {});
  twice('environment', ofWebAccess, environment, 'webAccess');
  twice('airflowConfig', ofWebAccess, config, 'webAccess');
  twice('environment', Object.keys(config), environment, 'airflowConfig');
}

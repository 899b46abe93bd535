import { Duration } from 'aws-cdk-lib';
import type { AirflowComponent } from './airflow-component';
import type { AirflowServiceProps } from './airflow-service-props';
import { PARTS_TYPES, SERVICE_TYPES } from './service-types';
import { validateVariables } from '../container/reserved-variables';
import { validateDags } from '../dags/bind-dags';
import { validateFargateSize } from '../fargate/fargate-size';
import { validateWhole } from '../properties/durations';
import { validateWholeNumber } from '../properties/numbers';
import { object, PropertyTypes, required, validateTypes } from '../properties/property-types';

/** What Fargate can give a container to stop. */
const STOP_TIMEOUT = { least: 1, most: 120 };

const TYPES: PropertyTypes<AirflowServiceProps> = {
  ...PARTS_TYPES,
  ...SERVICE_TYPES,
  component: required(object<AirflowComponent>('an AirflowComponent, for example AirflowComponent.SCHEDULER', '_definition')),
};

/** Refuses what ECS or Airflow would refuse at deployment or, worse, later. */
export function validateServiceProps(props: AirflowServiceProps): void {
  validateTypes(props, TYPES);
  const { component: { _definition: definition }, desiredCount, stopTimeout, environment = {}, secretEnvironment = {}, dags } = props;
  validateFargateSize(props.cpu ?? definition.cpu, props.memoryLimitMiB ?? definition.memoryLimitMiB);
  if (desiredCount !== undefined) { validateWholeNumber('desiredCount', desiredCount, 0); }
  validateStopTimeout(stopTimeout);
  if (props.securityGroups?.length === 0) {
    throw new Error('property securityGroups must have one security group at least, got []: leave it out for a new one');
  }
  validateVariables('environment', environment);
  validateVariables('secretEnvironment', secretEnvironment);
  const both = Object.keys(environment).find(name => name in secretEnvironment);
  if (both) {
    throw new Error(`property environment and property secretEnvironment must not both contain ${both}: a variable is either plain or secret`);
  }
  validateDags(dags);
}

function validateStopTimeout(stopTimeout: Duration | undefined): void {
  if (!stopTimeout) { return; }
  validateWhole('stopTimeout', stopTimeout, 'seconds');
  const { least, most } = STOP_TIMEOUT;
  if (!stopTimeout.isUnresolved() && (stopTimeout.toSeconds() < least || stopTimeout.toSeconds() > most)) {
    throw new Error(`property stopTimeout must be ${least} to ${most} seconds on Fargate, got ${stopTimeout.toSeconds()} seconds`);
  }
}

import { Duration, Token } from 'aws-cdk-lib';
import type { AirflowServiceProps } from './airflow-service-props';
import { validateVariables } from '../container/reserved-variables';
import { validateDags } from '../dags/bind-dags';
import { validateFargateSize } from '../fargate/fargate-size';

/** The longest that Fargate gives a container to stop. */
const LONGEST_STOP_TIMEOUT = Duration.seconds(120);

/** Refuses what ECS or Airflow would refuse at deployment or, worse, later. */
export function validateServiceProps(props: AirflowServiceProps): void {
  const { component: { _definition: definition }, desiredCount, stopTimeout, environment = {}, secretEnvironment = {}, dags } = props;
  validateFargateSize(props.cpu ?? definition.cpu, props.memoryLimitMiB ?? definition.memoryLimitMiB);
  if (desiredCount !== undefined && !Token.isUnresolved(desiredCount) && (!Number.isInteger(desiredCount) || desiredCount < 0)) {
    throw new Error(`property desiredCount must be a whole number from 0, got ${desiredCount}`);
  }
  if (stopTimeout && !stopTimeout.isUnresolved() && stopTimeout.toSeconds({ integral: false }) > LONGEST_STOP_TIMEOUT.toSeconds()) {
    throw new Error(`property stopTimeout must be ${LONGEST_STOP_TIMEOUT.toSeconds()} seconds at most on Fargate, got ${stopTimeout.toSeconds({ integral: false })}`);
  }
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

import { Duration, Token } from 'aws-cdk-lib';
import type { AirflowServiceProps } from './airflow-service-props';
import { validateVariables } from './reserved-variables';
import type { DagSource } from '../dags/dag-source';

/** The longest that Fargate gives a container to stop. */
const LONGEST_STOP_TIMEOUT = Duration.seconds(120);

/** Refuses what ECS or Airflow would refuse at deployment or, worse, later. */
export function validateServiceProps(props: AirflowServiceProps): void {
  const { desiredCount, stopTimeout, environment = {}, secretEnvironment = {}, dags } = props;
  if (desiredCount !== undefined && !Token.isUnresolved(desiredCount) && (!Number.isInteger(desiredCount) || desiredCount < 0)) {
    throw new Error(`property desiredCount must be a whole number from 0, got ${desiredCount}`);
  }
  if (stopTimeout && !stopTimeout.isUnresolved() && stopTimeout.toSeconds({ integral: false }) > LONGEST_STOP_TIMEOUT.toSeconds()) {
    throw new Error(`property stopTimeout must be ${LONGEST_STOP_TIMEOUT.toSeconds()} seconds at most on Fargate, got ${stopTimeout.toSeconds({ integral: false })}`);
  }
  validateVariables('environment', environment);
  validateVariables('secretEnvironment', secretEnvironment);
  const both = Object.keys(environment).find(name => name in secretEnvironment);
  if (both) {
    throw new Error(`property environment and property secretEnvironment must not both contain ${both}: a variable is either plain or secret`);
  }
  validateDags(dags);
  validateWorkerProps(props);
}

export function validateDags(dags: DagSource[] | undefined): void {
  if (!dags) {
    return;
  }
  if (dags.length === 0) {
    throw new Error('property dags must have one DAG source at least, got []: leave it out for the DAGs in the image');
  }
  const names = dags.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`property dags must not have two DAG sources with the name ${JSON.stringify(twice)}: give one of them another with its property name`);
  }
}

function validateWorkerProps(props: AirflowServiceProps): void {
  if (!props.component._definition.runsTasks) {
    for (const property of ['queues', 'concurrency', 'useSpot', 'workerName'] as const) {
      if (props[property] !== undefined) {
        throw new Error(`property ${property} must be left out for the component ${props.component.name}: it is for workers`);
      }
    }
    return;
  }
  if (props.workerName !== undefined && !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(props.workerName)) {
    throw new Error(`property workerName must be lowercase letters, digits and "-", got ${JSON.stringify(props.workerName)}`);
  }
  if (props.queues && !Token.isUnresolved(props.queues)) {
    validateQueues(props.queues);
  }
}

function validateQueues(queues: string[]): void {
  if (queues.length === 0) {
    throw new Error('property queues must have one queue at least, got []: leave it out for the queue "default"');
  }
  const malformed = queues.find(queue => !Token.isUnresolved(queue) && !/^[\w.-]{1,256}$/.test(queue));
  if (malformed !== undefined) {
    throw new Error(`property queues must have names of up to 256 letters, digits, "_", "-" and ".", got ${JSON.stringify(malformed)}`);
  }
}

/** A number that is known at synthesis; one that is not counts as nothing. */
export function knownNumber(value: number): number {
  return Token.isUnresolved(value) ? 0 : value;
}

import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { selectsPublic } from '../cluster/validate-vpc';
import { validateWhole } from '../properties/durations';
import { validateWholeNumber } from '../properties/numbers';

const GREATEST_CAPACITY = 256;
const MOST_READERS = 15;
const MONITORING_SECONDS = [1, 5, 10, 15, 30, 60];

export function validateCapacity(minCapacity: number, maxCapacity: number) {
  validateUnits('minCapacity', minCapacity, 0);
  validateUnits('maxCapacity', maxCapacity, 1);
  if (!Token.isUnresolved(minCapacity) && !Token.isUnresolved(maxCapacity) && minCapacity > maxCapacity) {
    throw new Error(`property minCapacity must not be greater than maxCapacity (${maxCapacity}), got ${minCapacity}: lower minCapacity or raise maxCapacity`);
  }
}

function validateUnits(property: string, value: number, least: number) {
  if (Token.isUnresolved(value)) { return; }
  if (!Number.isInteger(value * 2) || value < least || value > GREATEST_CAPACITY) {
    throw new Error(`property ${property} must be ${least} to ${GREATEST_CAPACITY} Aurora capacity units in steps of 0.5, got ${value}`);
  }
}

export function validateReaders(readers: number) {
  if (Token.isUnresolved(readers)) {
    throw new Error('property readers must be known at synthesis, got a token: it decides how many resources there are');
  }
  validateWholeNumber('readers', readers, 0, MOST_READERS);
}

export function validateMonitoringInterval(interval: Duration | undefined) {
  if (!interval) { return; }
  validateWhole('monitoringInterval', interval, 'seconds');
  if (interval.isUnresolved()) { return; }
  const seconds = interval.toSeconds({ integral: false });
  if (!MONITORING_SECONDS.includes(seconds)) {
    throw new Error(`property monitoringInterval must be one of ${MONITORING_SECONDS.join(', ')} seconds, got ${seconds} seconds`);
  }
}

export function validateBackupRetention(retention: Duration | undefined) {
  if (!retention) { return; }
  validateWhole('backupRetention', retention, 'days');
  if (retention.isUnresolved()) { return; }
  const days = retention.toDays();
  if (days < 1 || days > 35) {
    throw new Error(`property backupRetention must be 1 to 35 days, got ${days} days`);
  }
}

/** It stands in URLs and in Python code. */
export function validateCaBundle(path: string | undefined) {
  if (path !== undefined && !Token.isUnresolved(path) && !/^\/[\w./-]+$/.test(path)) {
    throw new Error(`property caBundle must be an absolute path of letters, digits, "_", "-", "." and "/", got ${JSON.stringify(path)}`);
  }
}

export function validateSnapshot(identifier: string | undefined) {
  if (identifier !== undefined && !Token.isUnresolved(identifier) && !/^[A-Za-z](?!.*--)[A-Za-z0-9:-]{0,254}(?<!-)$|^arn:[\w-]+:rds:[\w-]+:\d{12}:(cluster-)?snapshot:.+$/.test(identifier)) {
    throw new Error(`property snapshotIdentifier must be the identifier or ARN of a snapshot, got ${JSON.stringify(identifier)}`);
  }
}

/** The database is private, and Aurora spreads its storage over availability zones. */
export function validateSubnets(vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined) {
  const selected = vpc.selectSubnets(selection);
  if (selected.isPendingLookup || Token.isUnresolved(selected.availabilityZones) || Token.isUnresolved(selected.subnetIds)) { return; }
  if (selectsPublic(vpc, selection)) {
    throw new Error('property vpcSubnets must select private subnets for the database, got public ones: '
      + 'select others, or add private subnets to the vpc');
  }
  const zones = new Set(selected.availabilityZones);
  if (zones.size < 2) {
    throw new Error(`property vpc must have private subnets in at least two availability zones for the database, got ${zones.size}: `
      + 'raise maxAzs of the VPC or select subnets in more zones with vpcSubnets');
  }
}

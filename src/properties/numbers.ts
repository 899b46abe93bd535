import { Token } from 'aws-cdk-lib';

/** Refuses what is no whole number within the bounds, as far as it is known. */
export function validateWholeNumber(property: string, value: number, least: number, most = Infinity): void {
  if (Token.isUnresolved(value)) { return; }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`property ${property} must be a whole number from ${least}${most === Infinity ? '' : ` to ${most}`}, got ${value}`);
  }
}

/** Refuses what is no port. */
export function validatePort(port: number | undefined) {
  if (port === undefined) { return; }
  if (Token.isUnresolved(port)) {
    throw new Error('property port must be known at synthesis, got a token: rules of security groups need it');
  }
  validateWholeNumber('port', port, 1, 65535);
}

/** Refuses a least number above the greatest one, as far as both are known. */
export function validateOrder(least: Record<string, number>, most: Record<string, number>): void {
  const [[low, lowest], [high, highest]] = [...Object.entries(least), ...Object.entries(most)];
  if (!Token.isUnresolved(lowest) && !Token.isUnresolved(highest) && lowest > highest) {
    throw new Error(`property ${low} must not be greater than ${high} (${highest}), got ${lowest}: lower ${low} or raise ${high}`);
  }
}

import { Token } from 'aws-cdk-lib';

/** Refuses what is no whole number within the bounds, as far as it is known. */
export function validateWholeNumber(property: string, value: number, least: number, most = Infinity): void {
  if (Token.isUnresolved(value)) { return; }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`property ${property} must be a whole number from ${least}${most === Infinity ? '' : ` to ${most}`}, got ${value}`);
  }
}

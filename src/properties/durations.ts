import { Duration } from 'aws-cdk-lib';

/** Refuses a duration that is no whole number in the unit that AWS wants it in; nothing converts a token. */
export function validateWhole(property: string, duration: Duration, unit: 'seconds' | 'days'): void {
  if (duration.isUnresolved()) {
    if (duration.unitLabel() !== unit) {
      throw new Error(`property ${property} must be Duration.${unit}(…) when it is a token, got Duration.${duration.unitLabel()}(…): nothing converts it at deployment`);
    }
    return;
  }
  const value = unit === 'seconds' ? duration.toSeconds({ integral: false }) : duration.toDays({ integral: false });
  if (!Number.isInteger(value)) {
    throw new Error(`property ${property} must be whole ${unit}, got ${value} ${unit}`);
  }
}

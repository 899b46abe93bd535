/** Value of `AWS::NoValue`: removes the property or the list element that it stands for. */
export const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Changes every element of a list and every member of an object; whatever else the value is has none and stays. The one step that
 * everything takes that goes through a template. `step` is how the path goes on: `[0]` or `.Name`.
 */
export function mapMembers(value: unknown, change: (member: unknown, step: string) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((element, index) => change(element, `[${index}]`)).filter(element => element !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value)
    .map(([key, member]) => [key, change(member, `.${key}`)])
    .filter(([, member]) => member !== NO_VALUE));
}

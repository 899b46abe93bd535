import { Token } from 'aws-cdk-lib';

/** What a value has to be. jsii sees to it in other languages, the compiler in TypeScript, and nobody in JavaScript. */
export interface PropertyType<T> {
  /** After `must be`. */
  readonly description: string;
  readonly required?: boolean;
  /** Of the properties of a struct. */
  readonly types?: Record<string, PropertyType<unknown>>;
  holds(value: unknown): value is T;
}

/** The type of every property: one that is forgotten, or of another type, does not compile. */
export type PropertyTypes<Props> = {
  readonly [Name in keyof Props]-?: PropertyType<NonNullable<Props[Name]>> & (undefined extends Props[Name] ? unknown : { readonly required: true });
};

/** How what has all properties is called. */
const PROPS = 'props';

/** Refuses values of wrong types at the front door, before they end in an error of something inside. */
export function validateTypes<Props extends object>(props: Props, types: PropertyTypes<Props>): void {
  validateType(PROPS, props, struct(types));
}

/** The same for one parameter. */
export function validateType(name: string, value: unknown, type: PropertyType<unknown>): void {
  if (value === undefined ? type.required : !type.holds(value)) {
    const instead = value === null && !type.required ? ': leave it out for its default' : '';
    throw new Error(`property ${name} must be ${type.description}, got ${shown(value)}${instead}`);
  }
  for (const [property, each] of Object.entries(value && type.types || {})) {
    validateType(name === PROPS ? property : `${name}.${property}`, (value as Record<string, unknown>)[property], each);
  }
}

export const STRING = typeOf<string>('a string', value => typeof value === 'string');
/** A number of JavaScript that is one: not NaN, and not infinite. */
export const NUMBER = typeOf<number>('a number', value => typeof value === 'number' && (Token.isUnresolved(value) || Number.isFinite(value)));
export const BOOLEAN = typeOf<boolean>('true or false', value => typeof value === 'boolean');
export const STRINGS = listOf(STRING, 'a list of strings');

/** A struct. */
export const OBJECT = typeOf<any>('an object with properties', value => typeof value === 'object' && value !== null && !Array.isArray(value));

/** A struct with properties of these types. */
export function struct<Props extends object>(types: PropertyTypes<Props>): PropertyType<Props> {
  return { ...OBJECT, types: types as Record<string, PropertyType<unknown>> };
}

/**
 * An object of a class or an interface, known by one of its members: `instanceof` fails where a package is there twice, and interfaces have no other way.
 *
 * @param member what nothing else has that may be taken for it
 */
export function object<T>(description: string, member: keyof T & string): PropertyType<T> {
  return typeOf<T>(description, value => typeof value === 'object' && value !== null && !Array.isArray(value) && member in value);
}

/** One of the values of an enum. */
export function oneOf<T extends string | number>(name: string, values: Record<string, T | string>): PropertyType<T> {
  const names = Object.keys(values).filter(key => Number.isNaN(Number(key)));
  const allowed = names.map(key => values[key]);
  return typeOf<T>(`one of ${names.map(key => `${name}.${key}`).join(', ')}`, value => isToken(value) || allowed.includes(value as T));
}

export function listOf<T>(element: PropertyType<T>, description: string): PropertyType<T[]> {
  return typeOf<T[]>(description, value => Array.isArray(value) && value.every(each => element.holds(each)));
}

/** An object with names that the user chooses. */
export function mapOf<T>(element: PropertyType<T>, description: string): PropertyType<{ [name: string]: T }> {
  return typeOf<{ [name: string]: T }>(description, value => isPlain(value) && Object.values(value).every(each => element.holds(each)));
}

export function required<T>(optional: PropertyType<T>): PropertyType<T> & { readonly required: true } {
  return { ...optional, required: true };
}

/** A token of a simple type, as jsii has them. */
function isToken(value: unknown): boolean {
  return typeof value !== 'object' && Token.isUnresolved(value);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return OBJECT.holds(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function typeOf<T>(description: string, holds: (value: unknown) => boolean): PropertyType<T> {
  return { description, holds: (value: unknown): value is T => holds(value) };
}

/** A value in an error: short, and without what stands in objects, which can be a whole app. */
export function shown(value: unknown): string {
  if (Token.isUnresolved(value)) { return 'a token'; }
  if (Array.isArray(value)) { return `[${value.map(shown).join(', ')}]`; }
  if (typeof value === 'string') { return JSON.stringify(value); }
  if (typeof value === 'function') { return `the function ${value.name || 'without a name'}`; }
  if (typeof value === 'object' && value !== null) {
    const name = value.constructor?.name ?? 'Object';
    return name === 'Object' ? `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${hidden(each)}`).join(', ')}}` : `an object of ${name}`;
  }
  return String(value);
}

/** A value within an object: a string there can be a secret. */
function hidden(value: unknown): string {
  if (typeof value === 'string') { return 'a string'; }
  return typeof value === 'object' && value !== null ? 'an object' : shown(value);
}

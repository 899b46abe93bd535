/** An expression of a CDK app, in TypeScript and in Python. */
export interface Code {
  typescript(indent: string): string;
  python(indent: string): string;
}

type Value = string | number | Code;

/** A literal. */
function code(value: Value): Code {
  if (typeof value === 'object') { return value; }
  const python = JSON.stringify(value);
  return { typescript: () => typeof value === 'string' ? `'${python.slice(1, -1).replaceAll('\\"', '"').replaceAll('\'', '\\\'')}'` : python, python: () => python };
}

export function list(...values: Value[]): Code {
  return {
    typescript: indent => `[${values.map(value => code(value).typescript(indent)).join(', ')}]`,
    python: indent => `[${values.map(value => code(value).python(indent)).join(', ')}]`,
  };
}

/** Names to values: an object, a dictionary. */
export function map(entries: Record<string, Value>): Code {
  const lines = (indent: string, line: (key: string, value: Value) => string) =>
    `{\n${Object.entries(entries).map(([key, value]) => `${indent}${line(key, value)},\n`).join('')}`;
  return {
    typescript: indent => `${lines(`${indent}  `, (key, value) => `${/^\w+$/.test(key) ? key : code(key).typescript('')}: ${code(value).typescript(indent)}`)}${indent}}`,
    python: indent => `${lines(`${indent}    `, (key, value) => `${JSON.stringify(key)}: ${code(value).python(indent)}`)}${indent}}`,
  };
}

/** A struct: an object in TypeScript, a class with keywords in Python. */
export function struct(type: string, properties: Record<string, Value>): Code {
  return {
    typescript: indent => object(properties, indent),
    python: indent => `${type}(${keywords(properties, indent).join(', ')})`,
  };
}

/** `Type.method(a, { b })`, and `Type.method(a, b=b)` */
export function call(target: string, positional: Value[], named: Record<string, Value> = {}): Code {
  return {
    typescript: indent => `${target}(${[...positional.map(value => code(value).typescript(indent)), ...Object.keys(named).length > 0 ? [object(named, indent)] : []].join(', ')})`,
    python: indent => `${target.replace(/[^.]+$/, snakeCase)}(${[...positional.map(value => code(value).python(indent)), ...keywords(named, indent)].join(', ')})`,
  };
}

/** What is the same in both. */
export function name(text: string): Code {
  return { typescript: () => text, python: () => text };
}

/** `memory_limit_mib` of memoryLimitMiB */
export function snakeCase(text: string): string {
  return text.replace('MiB', 'Mib').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`).replace(/^_/, '');
}

function object(properties: Record<string, Value>, indent: string): string {
  return `{ ${Object.entries(properties).map(([property, value]) => `${property}: ${code(value).typescript(indent)}`).join(', ')} }`;
}

function keywords(properties: Record<string, Value>, indent: string): string[] {
  return Object.entries(properties).map(([property, value]) => `${snakeCase(property)}=${code(value).python(indent)}`);
}

import { UserError } from '../errors';
import { mapMembers, NO_VALUE } from './members';

/** What intrinsic functions can refer to. Each answers `undefined` for what it does not know. */
export interface Scope {
  readonly region: string;
  /** Pseudo parameters, parameters and resources. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  mapping(map: string, first: string, second: string): unknown;
  /** Of another stack; absent where there is one stack only. */
  exported?(name: string): string | undefined;
  /** A condition's value; only conditions themselves refer to it, `Fn::If` is gone before values are resolved. */
  condition?(name: string): boolean | undefined;
}

/** Evaluates every intrinsic function in a value. `path` is where the value stands, for error messages. */
export function resolve(value: unknown, scope: Scope, path: string): unknown {
  if (value === null) {
    throw new UserError(`${path} is null; CloudFormation refuses null values`);
  }
  const name = typeof value === 'object' && !Array.isArray(value) ? intrinsicName(value, path) : undefined;
  if (name !== undefined) {
    return evaluate(name, (value as Record<string, unknown>)[name], scope, path);
  }
  return mapMembers(value, (member, step) => resolve(member, scope, path + step));
}

/** `Ref` or `Fn::…` when the object is a call of an intrinsic function. */
export function intrinsicName(value: object, path: string): string | undefined {
  const keys = Object.keys(value);
  const name = keys.find(key => key === 'Ref' || key.startsWith('Fn::'));
  if (name !== undefined && keys.length > 1) {
    throw new UserError(`${path} has "${name}" beside other keys (${keys.join(', ')}); an intrinsic function stands alone`);
  }
  return name;
}

/** Text and placeholders of a `Fn::Sub` template; `${!Literal}` is text. */
export function subParts(template: string): { text?: string; name?: string }[] {
  return template.split(/(\$\{[^}]+\})/).map(part => {
    const name = /^\$\{([^}]+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      return { text: part };
    }
    return name.startsWith('!') ? { text: `\${${name.slice(1)}}` } : { name: name.trim() };
  });
}

/** `[logicalId, attribute]` of both forms of `Fn::GetAtt`. */
export function getAttArguments(argument: unknown): [string, unknown] | undefined {
  if (typeof argument === 'string' && argument.includes('.')) {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  if (Array.isArray(argument) && argument.length === 2 && typeof argument[0] === 'string') {
    return [argument[0], argument[1]];
  }
  return undefined;
}

type Evaluator = (argument: unknown, scope: Scope, path: string) => unknown;

const FUNCTIONS: Record<string, Evaluator> = {
  'Ref': (argument, scope, path) => reference(text(argument, path), scope, path),
  'Fn::GetAtt': (argument, scope, path) => {
    const [logicalId, attribute] = getAttArguments(argument) ?? wrong(path, 'expects a resource and an attribute');
    return attributeOf(logicalId, text(resolve(attribute, scope, path), path), scope, path);
  },
  'Fn::Join': (argument, scope, path) => {
    const [separator, elements] = pair(argument, path);
    return list(resolve(elements, scope, path), path).map(element => text(element, path)).join(text(separator, path));
  },
  'Fn::Sub': (argument, scope, path) => {
    const [template, variables] = Array.isArray(argument) ? pair(argument, path) : [argument, {}];
    const values = resolve(variables, scope, path) as Record<string, unknown>;
    return subParts(text(template, path)).map(part => {
      if (part.name === undefined) {
        return part.text;
      }
      if (Object.hasOwn(values, part.name)) {
        return text(values[part.name], path);
      }
      const [logicalId, attribute] = getAttArguments(part.name) ?? [part.name];
      return text(attribute === undefined ? reference(logicalId, scope, path) : attributeOf(logicalId, attribute as string, scope, path), path);
    }).join('');
  },
  'Fn::Select': (argument, scope, path) => {
    const [index, elements] = resolve(pair(argument, path), scope, path) as [unknown, unknown];
    const values = list(elements, path);
    return values[Number(index)] ?? wrong(path, `selects element ${index} of ${values.length}`);
  },
  'Fn::Split': (argument, scope, path) => {
    const [separator, string] = resolve(pair(argument, path), scope, path) as [unknown, unknown];
    return text(string, path).split(text(separator, path));
  },
  'Fn::FindInMap': (argument, scope, path) => {
    const keys = list(resolve(argument, scope, path), path).map(key => text(key, path));
    if (keys.length !== 3) {
      return wrong(path, 'expects a map and two keys');
    }
    return scope.mapping(keys[0], keys[1], keys[2]) ?? wrong(path, `finds nothing at ${keys.join('.')}`);
  },
  'Fn::GetAZs': (_argument, scope) => ['a', 'b', 'c'].map(zone => scope.region + zone),
  'Fn::Cidr': (argument, scope, path) => {
    const [block, count, bits] = list(resolve(argument, scope, path), path);
    return cidr(text(block, path), Number(count), Number(bits ?? 8), path);
  },
  'Fn::Base64': (argument, scope, path) => Buffer.from(text(resolve(argument, scope, path), path)).toString('base64'),
  'Fn::Equals': (argument, scope, path) => {
    const [left, right] = resolve(pair(argument, path), scope, path) as [unknown, unknown];
    return text(left, path) === text(right, path);
  },
  'Fn::And': (argument, scope, path) => list(argument, path).every(condition => evaluateCondition(condition, scope, path)),
  'Fn::Or': (argument, scope, path) => list(argument, path).some(condition => evaluateCondition(condition, scope, path)),
  'Fn::Not': (argument, scope, path) => !evaluateCondition(list(argument, path)[0], scope, path),
  'Fn::ImportValue': (argument, scope, path) => {
    const name = text(resolve(argument, scope, path), path);
    if (!scope.exported) return wrong(path, `reads the export "${name}" of another stack; \`local up\` realises one stack only, \`local aws\` several`);
    return scope.exported(name) ?? refuse(`No export named ${name} found.`);
  },
};

/** A member of `Conditions`, or of a condition function. */
export function evaluateCondition(condition: unknown, scope: Scope, path: string): boolean {
  const name = (condition as { Condition?: unknown } | null)?.Condition;
  const value = name === undefined ? resolve(condition, scope, path)
    : scope.condition?.(text(name, path)) ?? wrong(path, `refers to the condition "${name}", which does not exist`);
  return typeof value === 'boolean' ? value : wrong(path, 'is not a condition');
}

function evaluate(name: string, argument: unknown, scope: Scope, path: string): unknown {
  const evaluator = FUNCTIONS[name]
    ?? wrong(path, `uses the intrinsic function "${name}", which the local runner does not know; it knows ${Object.keys(FUNCTIONS).join(', ')}, Fn::If`);
  return evaluator(argument, scope, `${path}.${name}`);
}

function reference(name: string, scope: Scope, path: string): unknown {
  return name === 'AWS::NoValue' ? NO_VALUE : scope.ref(name) ?? wrong(path, `refers to "${name}", which is neither a parameter nor a resource of this template`);
}

function attributeOf(logicalId: string, attribute: string, scope: Scope, path: string): unknown {
  return scope.attribute(logicalId, attribute) ?? wrong(path, `refers to "${logicalId}.${attribute}", which the local runner does not know`);
}

function pair(argument: unknown, path: string): [unknown, unknown] {
  return Array.isArray(argument) && argument.length === 2 ? [argument[0], argument[1]] : wrong(path, 'expects a list of two elements');
}

function list(value: unknown, path: string): unknown[] {
  return Array.isArray(value) ? value : wrong(path, 'expects a list');
}

function text(value: unknown, path: string): string {
  return typeof value === 'object' || value === undefined || typeof value === 'symbol' ? wrong(path, 'expects a string') : String(value);
}

function cidr(block: string, count: number, bits: number, path: string): string[] {
  const octets = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(block)?.slice(1).map(Number)
    ?? wrong(path, `expects an IPv4 block, got "${block}"`);
  const start = octets.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0);
  return Array.from({ length: count }, (_, index) => {
    const address = start + index * 2 ** bits;
    return `${[24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')}/${32 - bits}`;
  });
}

function refuse(message: string): never {
  throw new UserError(message);
}

function wrong(path: string, problem: string): never {
  throw new UserError(`${path} ${problem}`);
}

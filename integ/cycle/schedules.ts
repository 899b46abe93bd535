import type { Template, TemplateResource } from './template';

/**
 * Orders in which CloudFormation may create the resources, such that each of any two that do not depend on each other comes before
 * the other in one of them. Whoever needs a resource without saying so fails in one of these orders, or in its reverse, the deletion.
 */
export function schedules(template: Template): string[][] {
  const needs = allDependencies(template);
  const ids = [...needs.keys()];
  const independent = (id: string, other: string) => id !== other && !needs.get(id)!.has(other) && !needs.get(other)!.has(id);
  let open = ids.flatMap(id => ids.filter(other => independent(id, other)).map(other => [id, other]));
  const result: string[][] = [];
  while (open.length > 0) {
    const order = nextSchedule(needs, [...open].reverse()); // fewer orders than from the front
    const position = new Map(order.map((id, index) => [id, index]));
    open = open.filter(([earlier, later]) => position.get(earlier)! > position.get(later)!);
    result.push(order);
  }
  return result;
}

/** The template, with dependencies that leave CloudFormation no order but this one. */
export function enforce(template: Template, order: string[]): Template {
  const Resources: Record<string, TemplateResource> = {};
  order.forEach((id, index) => {
    const resource = template.Resources[id];
    const declared = [resource.DependsOn ?? []].flat();
    Resources[id] = { ...resource, DependsOn: index === 0 ? declared : [...new Set([...declared, order[index - 1]])] };
  });
  return { ...template, Resources };
}

/** The part of a template that a resource needs, and the resource. */
export function withDependencies(template: Template, id: string): Template {
  const needed = [...allDependencies(template).get(id)!, id];
  return { ...template, Resources: Object.fromEntries(needed.map(each => [each, template.Resources[each]])), Outputs: undefined };
}

/** An order with as many of the wanted pairs (earlier, later) as go together, taken one by one. */
function nextSchedule(needs: Map<string, Set<string>>, wanted: string[][]): string[] {
  const before = new Map([...needs].map(([id, needed]) => [id, new Set(needed)]));
  for (const [earlier, later] of wanted) {
    if (before.get(earlier)!.has(later)) { continue; }
    const added = [earlier, ...before.get(earlier)!];
    for (const [id, earlierOnes] of before) {
      if (id === later || earlierOnes.has(later)) {
        added.forEach(other => earlierOnes.add(other));
      }
    }
  }
  return [...before.keys()].sort((a, b) => before.get(a)!.size - before.get(b)!.size);
}

/** What each resource depends on, directly or not. */
function allDependencies({ Resources }: Template): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  const collect = (id: string): Set<string> => {
    const known = all.get(id);
    if (known) { return known; }
    const direct = [...directDependencies(Resources[id])].filter(other => other in Resources);
    const result = new Set(direct.flatMap(other => [other, ...collect(other)]));
    all.set(id, result);
    return result;
  };
  Object.keys(Resources).forEach(collect);
  return all;
}

function directDependencies({ DependsOn, ...resource }: TemplateResource): Set<string> {
  const found = new Set([DependsOn ?? []].flat());
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(walk);
    } else if (value && typeof value === 'object') {
      for (const [key, argument] of Object.entries(value)) {
        if (key === 'Ref') {
          found.add(argument);
        } else if (key === 'Fn::GetAtt') {
          found.add(Array.isArray(argument) ? argument[0] : String(argument).split('.')[0]);
        } else if (key === 'Fn::Sub') {
          const [text, variables] = [argument].flat();
          [...String(text).matchAll(/\$\{([^!}.]+)[^}]*\}/g)].forEach(([, name]) => found.add(name));
          walk(variables);
        } else {
          walk(argument);
        }
      }
    }
  };
  walk(resource);
  return found;
}

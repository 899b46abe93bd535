import type { Charge } from './charge';
import { serviceCharges } from './fargate';
import type { Prices } from './prices';
import { fixedCharges, FREE, INTERFACE_ENDPOINT, USAGE } from './resource-types';
import type { ResourceDeclaration, Template } from '../cloudformation';

export interface Estimate {
  readonly charges: Charge[];
  /** What depends on use, with its prices. */
  readonly usage: string[];
  /** Resource types that nothing is known of. */
  readonly unknown: string[];
}

/** What a stack costs, as far as its template says. */
export function estimate(template: Template, prices: Prices): Estimate {
  const resources = Object.entries(template.Resources);
  const charges = resources.flatMap(([logicalId, resource]) => resource.Type === 'AWS::ECS::Service'
    ? serviceCharges(template, logicalId, prices)
    : fixedCharges(template, resource, prices));
  const types = [...new Set(resources.map(([, resource]) => usedAs(resource)))].sort();
  const priced = (type: string) => type in USAGE || FREE.test(type) || type === 'AWS::ECS::Service';
  const unpriced = charges.filter(({ least }) => Number.isNaN(least)).map(({ name }) => name);
  return {
    charges: sum(charges.filter(({ least }) => !Number.isNaN(least))),
    usage: types.flatMap(type => USAGE[type]?.(prices) ?? []),
    unknown: [...types.filter(type => !priced(type)), ...new Set(unpriced)],
  };
}

/** The type, and of endpoints which kind: gateways cost nothing. */
function usedAs({ Type, Properties }: ResourceDeclaration): string {
  return Type === 'AWS::EC2::VPCEndpoint' && Properties?.VpcEndpointType === 'Interface' ? INTERFACE_ENDPOINT : Type;
}

/** Charges of the same name are one, with their number. */
function sum(charges: Charge[]): Charge[] {
  return [...new Set(charges.map(({ name }) => name))].map(name => {
    const same = charges.filter(charge => charge.name === name);
    const total = (of: 'least' | 'most') => same.reduce((all, charge) => all + charge[of], 0);
    return { name: same.length === 1 ? name : `${same.length} × ${name}`, least: total('least'), most: total('most') };
  });
}

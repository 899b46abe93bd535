import { resolve } from 'node:path';
import { readAssembly, type Stack } from '../cloudformation';
import type { Charge } from '../cost/charge';
import { estimate, type Estimate } from '../cost/estimate';
import { Prices } from '../cost/prices';
import { UserError } from '../errors';

export interface CostOptions {
  readonly app: string;
  readonly stack?: string;
  readonly region?: string;
  readonly prices?: string;
  readonly json?: boolean;
}

/** Whose prices are taken where an app names no region, or one without prices. */
const DEFAULT_REGION = 'us-east-1';

const NOT_COUNTED = ['data transfer between zones and to the internet', 'pulls of images', 'taxes, free tiers, savings plans and discounts of your account'];

/** Prints what a month costs. */
export async function cost({ app, stack: name, region, prices: file, json }: CostOptions): Promise<number> {
  const stacks = readAssembly(resolve(app)).filter(({ name: own, displayName }) => name === undefined || [own, displayName].includes(name));
  if (stacks.length === 0) {
    throw new UserError(name === undefined ? `there is no stack in ${resolve(app)}` : `no stack "${name}" in the cloud assembly; npx cdk list prints their names`);
  }
  const known = Prices.read(file);
  const all = stacks.map(stack => {
    const prices = Prices.of(known, region ?? (stack.region !== undefined && stack.region in known.regions ? stack.region : DEFAULT_REGION));
    return { stack, prices, ...estimate(stack.template, prices) };
  });
  if (json) {
    const results = all.map(({ stack, prices, ...rest }) => ({ stack: stack.displayName, region: prices.region, date: prices.date, ...rest }));
    console.log(JSON.stringify(results, undefined, 2));
    return 0;
  }
  all.forEach(({ stack, prices, ...rest }) => print(stack, prices, rest));
  return 0;
}

function print({ displayName, region }: Stack, prices: Prices, { charges, usage, unknown }: Estimate): void {
  const total: Charge = { name: 'together', least: sum(charges, 'least'), most: sum(charges, 'most') };
  const rows = [...charges, total].map(({ name, least, most }) => [name, least.toFixed(2), most.toFixed(2)]);
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => row[column].length), 5));
  const line = ([text, ...figures]: string[]) => [text.padEnd(widths[0]), ...figures.map((figure, index) => figure.padStart(widths[index + 1]))].join('  ');
  console.log(`${displayName}: ${prices.currency} a month, ${prices.region}, list prices of ${prices.date}`);
  if (region !== undefined && region !== prices.region) {
    console.log(`(the app is for ${region}, whose prices are not known here)`);
  }
  console.log(`\n${line(['', 'least', 'most'])}`);
  rows.slice(0, -1).forEach(row => console.log(line(row)));
  console.log(`${'─'.repeat(widths[0] + widths[1] + widths[2] + 4)}\n${line(rows.at(-1)!)}\n`);
  console.log('What depends on use is not counted:');
  [...usage, ...NOT_COUNTED].forEach(text => console.log(`  - ${text}`));
  if (unknown.length > 0) {
    console.log('Nothing is known about:');
    unknown.forEach(text => console.log(`  - ${text}`));
  }
  console.log('');
}

function sum(charges: Charge[], of: 'least' | 'most'): number {
  return charges.reduce((all, charge) => all + charge[of], 0);
}

import { markdownTable } from './markdown';
import { PRESETS, presetTemplate } from './presets';
import type { Charge } from '../../local/cost/charge';
import { estimate } from '../../local/cost/estimate';
import { Prices } from '../../local/cost/prices';

/** `docs/cost.md`: what a month of the default and of each preset costs, from their templates and the prices that come with the package. */
export function cost(): string {
  const prices = Prices.of(Prices.read(), 'us-east-1');
  const estimates = PRESETS.map(preset => estimate(presetTemplate(preset).toJSON() as any, prices));
  const kinds: [string, RegExp][] = [
    ['tasks on Fargate', /vCPU/], ['database', /^(\d+ × )?database/], ['NAT gateways and their addresses', /NAT gateway|IPv4/], ['secrets, DNS zone', /./],
  ];
  const kindOf = ({ name }: Charge) => kinds.find(([, pattern]) => pattern.test(name))![0];
  const sum = (charges: Charge[], of: 'least' | 'most') => charges.reduce((all, charge) => all + charge[of], 0);
  const shown = (charges: Charge[]) => {
    const [least, most] = [sum(charges, 'least'), sum(charges, 'most')].map(amount => amount.toFixed(2));
    return least === most ? least : `${least} to ${most}`;
  };
  const rows = [
    ...kinds.map(([kind]) => [kind, ...estimates.map(({ charges }) => shown(charges.filter(charge => kindOf(charge) === kind)))]),
    ['**together**', ...estimates.map(({ charges }) => `**${shown(charges)}**`)],
  ];
  const usage = [...new Set(estimates.flatMap(({ usage: texts }) => texts))];
  return `# Cost

What a month costs in ${prices.region}, in ${prices.currency}, if everything runs all the time (730 hours), computed from the templates of the presets. The list prices were looked up on ${prices.date} in public
copies of AWS's price list, some of them of 2024 and 2025; each has its source in [local/data/prices.json](../local/data/prices.json). \`npx cdk synth && npx serverless-airflow cost\` computes it for your app.

${markdownTable(['', 'no preset', 'DEVELOPMENT', 'PRODUCTION'], rows)}

From the least to the most: the database moves between its least and its greatest capacity, and is at the least where little happens; capacity on Spot costs 30 to 50 % of the price on demand.
An existing VPC leaves the NAT gateways out, an existing database the database.

## What is not in it

${usage.map(text => `- ${text}`).join('\n')}
- data transfer between zones and to the internet, pulls of images, taxes; free tiers, savings plans and discounts of your account

For other regions there are no prices here. \`--prices\` takes a file of yours, in the form of \`local/data/prices.json\`.

## What makes it cheaper

| | how |
|---|---|
| workers that are there only when there is work | \`WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 10 })\`: [scaling](scaling.md) |
| workers on Spot capacity | \`WorkerCapacity.spot()\` |
| no Flower | \`flower: { enabled: false }\` |
| a VPC that is there already, with its NAT gateway | \`vpc\` |
| ARM64 instead of X86_64, a fifth less | the default |
| shorter retention of logs | \`logRetention\` of \`AirflowCluster\` |

The database does not pause: Airflow's connections never end. An environment that nobody needs at night is deleted and made anew with \`AirflowPreset.DEVELOPMENT\`.

## Beside Amazon MWAA

List prices of an environment in us-east-1, without the VPC that it needs as well, from the same sources: mw1.small 0.49, mw1.medium 0.74, mw1.large 0.99 per hour, that is ${['0.49', '0.74', '0.99'].map(price => (Number(price) * 730).toFixed(2)).join(', ')} a month; each
further worker 0.055, 0.11 and 0.22 per hour, the metadata database 0.10 per GB and month. For mw1.micro and the classes above large no price was found. A production setup with two of everything costs about as much
here as there when its workers are always there.
`;
}

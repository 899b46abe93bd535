import { App, Stack } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { everything } from '../../integ/helpers/everything';
import { ServerlessAirflow } from '../../src';

/** What the static checks look at: nothing but the construct, and every property that exists. With the feature flags of a new CDK app. */
export const STACKS: Record<string, () => Stack> = {
  default: () => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow');
    return stack;
  },
  everything: () => {
    const stack = newStack();
    everything(stack);
    return stack;
  },
};

function newStack(): Stack {
  return new Stack(new App({ context: recommendedFlags }), 'Stack');
}

import { Stack } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { everything } from '../../integ/helpers/everything';
import { AirflowBroker, AirflowPreset, ServerlessAirflow } from '../../src';
import { newApp } from '../private/stack';

/** What the static checks look at: nothing but the construct, each preset, every property that exists, and other parts than those. With the feature flags of a new CDK app. */
export const STACKS: Record<string, () => Stack> = {
  'default': () => withPreset(),
  'development': () => withPreset(AirflowPreset.DEVELOPMENT),
  'production': () => withPreset(AirflowPreset.PRODUCTION),
  'everything': () => {
    const stack = newStack();
    everything(stack);
    return stack;
  },
  'other parts': () => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { broker: AirflowBroker.elastiCache({ replicas: 1 }) });
    return stack;
  },
};

function withPreset(preset?: AirflowPreset): Stack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { preset });
  return stack;
}

function newStack(): Stack {
  // the report would be printed on the console for each warning that a test wants to see
  return new Stack(newApp({ ...recommendedFlags, '@aws-cdk/core:annotationsInValidationReport': false }), 'Stack');
}

import { Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { everything } from '../../integ/helpers/everything';
import { AirflowBroker, AirflowDatabaseInstance, AirflowPreset, ServerlessAirflow, WebAccess } from '../../src';
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
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const office = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Office', 'sg-12345678');
    const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:123456789012:certificate/1');
    new ServerlessAirflow(stack, 'Airflow', {
      vpc,
      database: new AirflowDatabaseInstance(stack, 'Database', { vpc, multiAz: true }),
      broker: AirflowBroker.elastiCache({ replicas: 1 }),
      webAccess: WebAccess.loadBalancer({ domain: 'airflow.example.com', certificate, allowFrom: [office] }),
    });
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

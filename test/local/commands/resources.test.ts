import type { Deployment } from '../../../local/cloudformation';
import { summary } from '../../../local/commands/resources';

const DEPLOYMENT: Deployment = { realised: [{ logicalId: 'Bucket', type: 'AWS::S3::Bucket' }], notRealised: [], outputs: {}, dagDirectories: [] };
const notRealised = (logicalId: string, type: string, meaning: string, matters: boolean) => ({ logicalId, type, meaning, matters });

test('announces differences only where there are some', () => {
  const harmless = notRealised('Alarm', 'AWS::CloudWatch::Alarm', 'nobody is alarmed', false);

  expect(summary({ ...DEPLOYMENT, notRealised: [harmless] })).toEqual(['1 resources are realised, 1 are not (npx serverless-airflow local status --resources lists them)']);
});

test('tells each difference once, with all that it is about', () => {
  const lines = summary({
    ...DEPLOYMENT,
    notRealised: [notRealised('A', 'AWS::A::A', 'is not there', true), notRealised('B', 'AWS::B::B', 'is not there', true), notRealised('B2', 'AWS::B::B', 'is not there', true)],
  });

  expect(lines).toEqual(['1 resources are realised, 3 are not (npx serverless-airflow local status --resources lists them); different from AWS:', '  AWS::A::A, AWS::B::B: is not there']);
});

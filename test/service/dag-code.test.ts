import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const EVERYWHERE = ['dag-processor', 'triggerer', 'worker', 'worker-reports'];

/** What is done with the construct between two pools of workers, as the containers see it. */
function synthesize(work: (airflow: ServerlessAirflow, bucket: s3.Bucket) => void): SynthesizedStack {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow');
  work(airflow, new s3.Bucket(stack, 'Bucket'));
  airflow.addWorkerPool('Reports', { queues: ['reports'] });
  return new SynthesizedStack(stack);
}

/** The containers whose task role may use the bucket. */
function granted(synthesized: SynthesizedStack): string[] {
  return Object.keys(synthesized.containers)
    .filter(container => synthesized.permissions(container, 'TaskRoleArn').some(text => text.includes('${Bucket83908E77')))
    .sort();
}

test('what is granted to the construct, the tasks of its first pool of workers may do', () => {
  expect(granted(synthesize((airflow, bucket) => bucket.grantRead(airflow)))).toEqual(['worker']);
});

test('what is granted to DAG code may be done wherever it runs, in pools that are added later, too, and the bucket\'s policy does not say it', () => {
  const synthesized = synthesize((airflow, bucket) => bucket.grantRead(airflow.dagCode));

  expect(granted(synthesized)).toEqual(EVERYWHERE);
  for (const container of EVERYWHERE) {
    expect(synthesized.permissions(container, 'TaskRoleArn')).toContain(
      'Allow s3:GetBucket* s3:GetObject* s3:List* on ${Bucket83908E77.Arn} ${Bucket83908E77.Arn}/*');
  }
  expect(synthesized.ofType('AWS::S3::BucketPolicy').filter(([, { Properties }]) => Properties.Bucket.Ref === 'Bucket83908E77')).toEqual([]);
});

test('a resource\'s policy names the roles of all', () => {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow');

  expect(Object.values(airflow.dagCode.grantPrincipal.policyFragment.principalJson).flat()).toHaveLength(3);
});

test('it connects from wherever it runs', () => {
  const synthesized = synthesize(airflow => airflow.dagCode.connections.allowToAnyIpv4(ec2.Port.tcp(587), 'mail'));
  const open = synthesized.ofType('AWS::EC2::SecurityGroup')
    .filter(([, { Properties }]) => Properties.SecurityGroupEgress.some((rule: any) => rule.FromPort === 587));

  expect(open.map(([id]) => id.replace(/SecurityGroup.*/, '')).sort()).toEqual(['AirflowDagProcessor', 'AirflowReports', 'AirflowTriggerer', 'AirflowWorker']);
});

describe('a secret', () => {
  const secret = (airflow: ServerlessAirflow) => ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(airflow, 'Shop', 'shop'));

  test('is a variable wherever it runs', () => {
    const { containers } = synthesize(airflow => airflow.dagCode.addSecret('AIRFLOW_CONN_SHOP', secret(airflow)));

    expect(Object.keys(containers).filter(container => containers[container].secrets.AIRFLOW_CONN_SHOP).sort()).toEqual(EVERYWHERE);
  });

  test('must not be a variable of the library', () => {
    expect(() => synthesize(airflow => airflow.dagCode.addSecret('AIRFLOW_DB_PASSWORD', secret(airflow))))
      .toThrow('property name must not contain AIRFLOW_DB_PASSWORD: use property secrets');
  });

  test.each(['AIRFLOW__CORE__LOAD_EXAMPLES', 'AIRFLOW_CONN_SHOP'])('must be new: %s', name => {
    expect(() => synthesize(airflow => {
      airflow.dagCode.addSecret('AIRFLOW_CONN_SHOP', secret(airflow));
      airflow.dagCode.addSecret(name, ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(airflow, 'Other', 'other')));
    })).toThrow(`property name must be a variable that worker does not have yet, got "${name}"`);
  });
});

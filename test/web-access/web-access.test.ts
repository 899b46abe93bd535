import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ServerlessAirflow, WebAccess, WebAccessPrivateDnsOptions } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

function toWebServer(options: (stack: ReturnType<typeof newStack>) => WebAccessPrivateDnsOptions): string[] {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { webAccess: WebAccess.privateDns(options(stack)) });
  return new SynthesizedStack(stack).connections().filter(connection => /-> Airflow: web-server:/.test(connection));
}

test('by its private name: nobody but workers may connect, unless somebody is named', () => {
  expect(toWebServer(() => ({}))).toEqual(['Airflow: worker -> Airflow: web-server:8080']);
});

test('by its private name: who is named may connect', () => {
  const allowed = toWebServer(stack => ({
    allowFrom: [ec2.Peer.ipv4('10.1.0.0/16'), new ec2.SecurityGroup(stack, 'Office', { vpc: new ec2.Vpc(stack, 'Vpc'), description: 'Office', allowAllOutbound: false })],
  }));

  expect(allowed).toEqual([
    '10.1.0.0/16 -> Airflow: web-server:8080 (not let out)', 'Airflow: worker -> Airflow: web-server:8080', 'Office -> Airflow: web-server:8080',
  ]);
});

test.each<[any, string]>([
  [{ allowFrom: ec2.Peer.anyIpv4() }, 'property allowFrom must be a list of peers, for example [Peer.ipv4("10.0.0.0/8")], got an object of AnyIPv4'],
  [{ allowFrom: ['10.0.0.0/8'] }, 'property allowFrom must be a list of peers, for example [Peer.ipv4("10.0.0.0/8")], got ["10.0.0.0/8"]'],
])('fails for %j', (options, message) => {
  expect(() => WebAccess.privateDns(options)).toThrow(message);
});

test('what follows from it cannot be given as well', () => {
  const stack = newStack();
  const certificate = { certificateArn: Lazy.string({ produce: () => 'arn' }) } as any;

  expect(() => new ServerlessAirflow(stack, 'Airflow', {
    webAccess: WebAccess.loadBalancer({ domain: 'airflow.example.com', certificate }), environment: { AIRFLOW__API__BASE_URL: 'https://other.example.com' },
  })).toThrow('property environment must not contain AIRFLOW__API__BASE_URL: it follows from property webAccess');
});

/** A public load balancer in front of the web server, for a few addresses, with a web ACL. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { ServerlessAirflow, WebAccess } from '../src';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-load-balancer');
const rules = { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
const webAcl = new wafv2.CfnWebACL(stack, 'WebAcl', {
  scope: 'REGIONAL',
  defaultAction: { allow: {} },
  visibilityConfig: { ...rules, metricName: 'Airflow' },
});
const airflow = new ServerlessAirflow(stack, 'Airflow', {
  webAccess: WebAccess.loadBalancer({
    domain: 'airflow.example.com',
    // validated by mail: nobody waits for a record that the domain's owner would have to make
    certificate: new acm.Certificate(stack, 'Certificate', { domainName: 'airflow.example.com' }),
    internetFacing: true,
    allowFrom: [ec2.Peer.ipv4('203.0.113.0/24')],
    webAclArn: webAcl.attrArn,
  }),
  removalPolicy: RemovalPolicy.DESTROY,
});

expectAirflow(new IntegTest(app, 'Integ', { testCases: [stack] }), airflow);

import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** The security group of tasks: they connect to whatever lets them in. */
export function defineSecurityGroup(scope: Construct, vpc: ec2.IVpc, name: string): ec2.SecurityGroup {
  // Rules are asked for from this side, so that they are in this stack, but they are the server's: CDK warns that a group which may connect to
  // everything needs none. The warning is acknowledged for the parent, because CDK does not look at the construct itself.
  Annotations.of(scope).acknowledgeWarning('@aws-cdk/aws-ec2:ipv4IgnoreEgressRule', 'the server has the rule');
  return new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: `Airflow: ${name}` });
}

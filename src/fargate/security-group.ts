import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct } from 'constructs';

/** The security group of tasks. They reach nothing but HTTPS servers, which AWS and image registries are, and what further rules add. */
export function defineSecurityGroup(scope: Construct, vpc: ec2.IVpc, name: string): ec2.SecurityGroup {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: `Airflow: ${name}`, allowAllOutbound: false });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), `${name} to HTTPS servers: image, secrets, logs, S3`);
  return securityGroup;
}

/**
 * The rules that `allow` adds to the security groups of a client and a server: one lets out, one lets in. Each is a resource of its own, which nothing
 * waits for by itself. Not all rules of a group are waited for: those of users can belong to something that waits for Airflow.
 */
export function addedRules(client: ec2.IConnectable, server: ec2.IConnectable, allow: () => void): IConstruct[] {
  const rules = () => [client, server].flatMap(({ connections }) => connections.securityGroups).flatMap(group => group.node.children);
  const before = new Set(rules());
  allow();
  return rules().filter(rule => !before.has(rule));
}

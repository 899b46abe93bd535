import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Refuses a VPC in which Airflow could not run, as far as that is known at synthesis. */
export function validateVpc(vpc: ec2.IVpc, vpcSubnets: ec2.SubnetSelection | undefined): void {
  const zones = vpc.availabilityZones;
  if (!Token.isUnresolved(zones) && zones.length < 2) {
    throw new Error(`property vpc must have two availability zones at least, got ${zones.length}: the database needs them`);
  }
  validateDns(vpc);
  if (!vpcSubnets && vpc.privateSubnets.length === 0) {
    throw new Error('property vpc must have private subnets with egress, got none: add them to the VPC, or select other subnets with property vpcSubnets');
  }
  if (vpcSubnets && vpc.selectSubnets(vpcSubnets).hasPublic) {
    throw new Error(`property vpcSubnets must not select public subnets, got ${JSON.stringify(vpcSubnets)}: select private or isolated ones`);
  }
}

/** Private names resolve only with DNS hostnames, which a VPC cannot have without DNS support. The setting is known of a VPC that this app defines. */
function validateDns(vpc: ec2.IVpc): void {
  if ((vpc as Partial<ec2.Vpc>).dnsHostnamesEnabled === false) {
    throw new Error('property vpc must have DNS hostnames and DNS support enabled, got enableDnsHostnames: false: private names do not resolve without them');
  }
}

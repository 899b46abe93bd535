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
  if (vpcSubnets && selectsPublic(vpc, vpcSubnets)) {
    throw new Error(`property vpcSubnets must not select public subnets, got ${JSON.stringify(readable(vpcSubnets))}: select private or isolated ones`);
  }
}

/** CDK finds a public subnet among those that are selected only if it is the VPC's own object, not one that was made of its id. */
export function selectsPublic(vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined): boolean {
  const { hasPublic, subnets } = vpc.selectSubnets(selection);
  const publicIds = vpc.publicSubnets.map(({ subnetId }) => subnetId);
  return hasPublic || subnets.some(subnet => subnet instanceof ec2.PublicSubnet || publicIds.includes(subnet.subnetId));
}

/** A selection without the constructs of its subnets, which hold the whole app. */
function readable({ subnets, ...selection }: ec2.SubnetSelection): object {
  return subnets ? { ...selection, subnets: subnets.map(({ subnetId }) => subnetId) } : selection;
}

/** Private names resolve only with DNS hostnames, which a VPC cannot have without DNS support. The setting is known of a VPC that this app defines. */
function validateDns(vpc: ec2.IVpc): void {
  if ((vpc as Partial<ec2.Vpc>).dnsHostnamesEnabled === false) {
    throw new Error('property vpc must have DNS hostnames and DNS support enabled, got enableDnsHostnames: false: private names do not resolve without them');
  }
}

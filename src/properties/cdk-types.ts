import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { listOf, mapOf, object, OBJECT, oneOf, PropertyType, STRING } from './property-types';

/** Types of CDK that several properties have. */
export const DURATION = object<Duration>('a Duration, for example Duration.minutes(1)', 'toSeconds');
export const SIZE = object<Size>('a Size, for example Size.gibibytes(50)', 'toGibibytes');
export const REMOVAL_POLICY = oneOf<RemovalPolicy>('RemovalPolicy', RemovalPolicy);
/** For what is not a database. */
export const KEPT_OR_DELETED = oneOf<RemovalPolicy>('RemovalPolicy', Object.fromEntries(Object.entries(RemovalPolicy).filter(([name]) => name !== 'SNAPSHOT')));
export const KEY = object<kms.IKey>('a KMS key', 'keyArn');
export const VPC = object<ec2.IVpc>('a VPC', 'vpcId');
export const SUBNETS: PropertyType<ec2.SubnetSelection> = { ...OBJECT, description: 'a selection of subnets, for example { subnetType: SubnetType.PRIVATE_ISOLATED }' };
export const SECURITY_GROUPS = listOf(object<ec2.ISecurityGroup>('a security group', 'securityGroupId'), 'a list of security groups');
export const ROLE = object<iam.IRole>('an IAM role', 'roleArn');
export const BUCKET = object<s3.IBucket>('a bucket', 'bucketArn');
export const SECRET = object<secretsmanager.ISecret>('a secret in Secrets Manager', 'secretArn');
export const IMAGE = object<ecs.ContainerImage>('a ContainerImage, for example ContainerImage.fromRegistry("…")', 'bind');
export const ARCHITECTURE = object<ecs.CpuArchitecture>('CpuArchitecture.ARM64 or CpuArchitecture.X86_64', '_cpuArchitecture');
export const ECS_SECRET = object<ecs.Secret>('a Secret of ECS, for example Secret.fromSecretsManager(…)', 'grantRead');
export const ENVIRONMENT = mapOf(STRING, 'an object of strings by the name of the variable');
export const SECRET_ENVIRONMENT = mapOf(ECS_SECRET, `an object with ${ECS_SECRET.description}, by the name of the variable`);

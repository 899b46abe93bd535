/** What the systematic mutants leave out, because this library does not decide it or because no mistake can be in it. */
export interface Exclusion {
  /** Of `operation type logicalId.place`. */
  readonly pattern: RegExp;
  readonly reason: string;
}

export const EXCLUSIONS: Exclusion[] = [
  { pattern: /^\w+ (Parameters|Rules) /, reason: 'CDK asks for its bootstrap stack' },
  { pattern: /^\w+ \S+ \w+\.Type$/, reason: 'a resource of another type is another resource: checks look for resources by their types' },
  { pattern: /\.(Description|GroupDescription|DBSubnetGroupDescription)$/, reason: 'a text for people' },
  { pattern: /\.Tags\./, reason: 'CDK names the parts of its VPC, and notes which deployment a bucket has' },
  { pattern: /PolicyDocument\.Version$/, reason: 'there is no other version of the language of policies that CDK writes' },
  { pattern: / AWS::IAM::Policy \w+\.Properties\.PolicyName$/, reason: 'CDK names a policy like its logical id' },
  {
    pattern: / AWS::EC2::(VPC|Subnet|RouteTable|SubnetRouteTableAssociation|EIP|NatGateway|InternetGateway|VPCGatewayAttachment) /,
    reason: 'the inside of a VPC of CDK: what this library needs of it are the routes and the endpoint',
  },
  {
    pattern: / AWS::EC2::SecurityGroup AirflowDatabaseSecurityGroup\w+\.Properties\.SecurityGroupEgress\.0\.(FromPort|IpProtocol|ToPort)$/,
    reason: 'CDK\'s rule for "nothing": its address is what lets nothing out',
  },
  { pattern: / AWS::ECS::Service \w+\.Properties\.DeploymentConfiguration\.Alarms\.\w+$/, reason: 'a default of ECS, which CDK writes down' },
  { pattern: / AWS::(IAM::Role|IAM::Policy|Lambda::Function) CustomCDKBucketDeployment/, reason: 'CDK uploads files with a function of its own' },
  { pattern: / AWS::Lambda::LayerVersion /, reason: 'CDK uploads files with a function of its own' },
  {
    pattern: / Custom::CDKBucketDeployment \w+\.Properties\.(ServiceToken|Source\w+|WaitForDistributionInvalidation|OutputObjectKeys)\b/,
    reason: 'what CDK\'s function is, and where it takes the files from',
  },
  { pattern: / AWS::Lambda::Function \w+\.Properties\.Code\./, reason: 'the hash of a handler and the bucket of the bootstrap stack' },
  {
    pattern: /^change AWS::ECS::TaskDefinition AirflowMigration\w+\.Properties\.ContainerDefinitions\.\w+\.Command\.2$/,
    reason: 'a program, which tests run: a letter appended to it says nothing about them',
  },
];

/** What holds for every template of this library, whatever its properties. Each rule says what breaks it; nothing is what it should say. */
export const TEMPLATE_RULES: Record<string, (template: any) => string[]> = {
  'every container runs as a user that is not root': template =>
    containers(template).filter(({ User = '0' }) => /^(0|root)(:|$)/.test(User)).filter(container => !opensDisk(container)).map(({ Name }) => Name),

  'every container has a read-only root file system and no capabilities': template => {
    // ECS Exec works with neither
    const open = ofType(template, 'AWS::ECS::Service')
      .filter(([, { Properties }]) => Properties.EnableExecuteCommand)
      .map(([, { Properties }]) => Properties.TaskDefinition.Ref);
    return ofType(template, 'AWS::ECS::TaskDefinition')
      .filter(([id]) => !open.includes(id))
      .flatMap(([, { Properties }]) => Properties.ContainerDefinitions)
      .filter(({ ReadonlyRootFilesystem, LinuxParameters }) => ReadonlyRootFilesystem !== true || LinuxParameters?.Capabilities?.Drop?.[0] !== 'ALL')
      .map(({ Name }) => Name);
  },

  'every container writes a log': template =>
    containers(template).filter(({ LogConfiguration }) => LogConfiguration?.LogDriver !== 'awslogs').map(({ Name }) => Name),

  'every container of a service has a health check': template => {
    const services = ofType(template, 'AWS::ECS::Service').map(([, { Properties }]) => Properties.TaskDefinition.Ref);
    return ofType(template, 'AWS::ECS::TaskDefinition')
      .filter(([id]) => services.includes(id)) // the migration's containers end by themselves: their exit codes are what is checked
      .flatMap(([, { Properties }]) => Properties.ContainerDefinitions)
      .filter(({ HealthCheck }) => !HealthCheck)
      .filter(container => !opensDisk(container)) // it has to end well before the container with the health check starts
      .map(({ Name }) => Name);
  },

  'no container is given a credential in plain text': template =>
    containers(template).flatMap(({ Name, Environment = [], Command = [] }) => [
      ...Environment.filter((variable: any) => isCredential(variable)).map((variable: any) => `${variable.Name} of ${Name}`),
      ...JSON.stringify(Command).includes('{{resolve:secretsmanager') ? [`arguments of ${Name}`] : [],
    ]),

  'no stop timeout is longer than Fargate allows': template =>
    containers(template).filter(({ StopTimeout = 30 }) => StopTimeout > 120).map(({ Name, StopTimeout }) => `${Name}: ${StopTimeout}`),

  'every rule of a security group has a description': template => [
    ...ofType(template, 'AWS::EC2::SecurityGroup').flatMap(([id, { Properties }]) =>
      [...Properties.SecurityGroupIngress ?? [], ...Properties.SecurityGroupEgress ?? []].filter(({ Description }) => !Description).map(() => id)),
    ...['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'].flatMap(type =>
      ofType(template, type).filter(([, { Properties }]) => !Properties.Description).map(([id]) => id)),
  ],

  'no security group lets an address range in': template => [
    ...ofType(template, 'AWS::EC2::SecurityGroup').filter(([, { Properties }]) => Properties.SecurityGroupIngress?.length).map(([id]) => id),
    ...ofType(template, 'AWS::EC2::SecurityGroupIngress').filter(([, { Properties }]) => !Properties.SourceSecurityGroupId).map(([id]) => id),
  ],

  'no security group lets anything out to an address range but HTTPS': template => [
    ...ofType(template, 'AWS::EC2::SecurityGroup').filter(([, { Properties }]) => {
      const { SecurityGroupEgress = [] } = Properties;
      // without a rule AWS adds one for everything
      return SecurityGroupEgress.length === 0 || SecurityGroupEgress.some(leavesOpen);
    }).map(([id]) => id),
    ...ofType(template, 'AWS::EC2::SecurityGroupEgress').filter(([, { Properties }]) => leavesOpen(Properties)).map(([id]) => id),
  ],

  'every log group has a retention': template =>
    ofType(template, 'AWS::Logs::LogGroup').filter(([, { Properties }]) => !Properties?.RetentionInDays).map(([id]) => id),

  'every bucket is encrypted, blocks public access and refuses plain HTTP': template =>
    ofType(template, 'AWS::S3::Bucket')
      .filter(([id, { Properties }]) => !Properties?.BucketEncryption || !blocksPublicAccess(Properties) || !refusesPlainHttp(template, id))
      .map(([id]) => id),

  'no resource has a physical name': template =>
    Object.entries<any>(template.Resources).flatMap(([id, { Type, Properties = {} }]) =>
      Object.entries(Properties)
        .filter(([property, value]) => PHYSICAL_NAME.test(property) && typeof value === 'string' && !NAMED_ON_PURPOSE.has(`${Type}.${property}`))
        .map(([property, value]) => `${id}.${property}: ${value}`)),
};

/** Properties that give a resource its name. */
const PHYSICAL_NAME = /^(\w*Name|DBClusterIdentifier|DBInstanceIdentifier)$/;

/** Names that are unique by something else than the account and the region. */
const NAMED_ON_PURPOSE = new Set([
  'AWS::ServiceDiscovery::PrivateDnsNamespace.Name', // unique in the VPC
  'AWS::ServiceDiscovery::Service.Name', // unique in the namespace
  'AWS::IAM::Policy.PolicyName', // unique in the role
  'AWS::EC2::VPCEndpoint.ServiceName', // AWS's name
]);

const CREDENTIAL = /(PASSWORD|SECRET|SECRET_KEY|FERNET_KEY)$/;

function isCredential({ Name, Value }: { Name: string; Value: unknown }): boolean {
  return CREDENTIAL.test(Name) || JSON.stringify(Value).includes('{{resolve:secretsmanager');
}

function blocksPublicAccess({ PublicAccessBlockConfiguration: block = {} }: any): boolean {
  return ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].every(property => block[property] === true);
}

function refusesPlainHttp(template: any, bucket: string): boolean {
  return ofType(template, 'AWS::S3::BucketPolicy')
    .filter(([, { Properties }]) => Properties.Bucket.Ref === bucket)
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .some(({ Effect, Condition }) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false');
}

function leavesOpen({ DestinationSecurityGroupId, CidrIp, IpProtocol, FromPort, ToPort }: any): boolean {
  const isHttps = IpProtocol === 'tcp' && FromPort === 443 && ToPort === 443;
  // the address is that of CDK's rule for "nothing"
  return !DestinationSecurityGroupId && CidrIp !== '255.255.255.255/32' && !isHttps;
}

/** The only one that may be the superuser: it can do nothing else, and knows nothing. */
function opensDisk({ EntryPoint, Command, Essential, Environment, Secrets }: any): boolean {
  return JSON.stringify(EntryPoint) === '["chmod","1777","/tmp"]' && !Command && Essential === false && !Environment && !Secrets;
}

function containers(template: any): any[] {
  return ofType(template, 'AWS::ECS::TaskDefinition').flatMap(([, { Properties }]) => Properties.ContainerDefinitions);
}

function ofType(template: any, type: string): [string, any][] {
  return Object.entries<any>(template.Resources).filter(([, { Type }]) => Type === type);
}

import * as path from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface CustomResourceFunctionProps {
  readonly description: string;
  /** Folder of the bundled handler, relative to `assets`. */
  readonly handler: string;
  readonly timeout: Duration;
  /** Everything that the handler may do, besides writing its log. */
  readonly statements: iam.PolicyStatement[];
  readonly logRetention: logs.RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  /** Whether the handler may invoke the function again. */
  readonly invokesItself?: boolean;
}

/** The Lambda function that a custom resource of this library is handled by, with its own role and log group. */
export class CustomResourceFunction extends Construct {
  public readonly functionArn: string;

  constructor(scope: Construct, id: string, props: CustomResourceFunctionProps) {
    super(scope, id);

    const logGroup = new logs.LogGroup(this, 'LogGroup', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      // inline: CloudFormation knows the role and its permissions as one resource, so none is missing when the handler is invoked
      inlinePolicies: {
        Handler: new iam.PolicyDocument({ statements: props.statements }),
        Log: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
        }),
      },
    });
    const handler = new lambda.Function(this, 'Resource', {
      description: props.description,
      runtime: lambda.determineLatestNodeRuntime(this),
      architecture: lambda.Architecture.ARM_64,
      // bundled when the library is built; the AWS SDK is part of the runtime
      code: lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'assets', props.handler)),
      handler: 'index.handler',
      timeout: props.timeout,
      memorySize: 256,
      role,
      logGroup,
    });
    this.functionArn = handler.functionArn;
    if (props.invokesItself) {
      // not inline: the role is there before the function. The handler needs it minutes later.
      new iam.Policy(this, 'SelfInvocation', {
        roles: [role],
        statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })],
      });
    }
  }
}

import { createHash } from 'node:crypto';
import type { AwsEnvironment } from '../aws-environment';

/** Of stacks that leave them open. */
const REGION = 'us-east-1';
const ACCOUNT = '123456789012';

export function awsEnvironmentOf({ region = REGION, account = ACCOUNT }: Partial<AwsEnvironment>): AwsEnvironment {
  return { partition: 'aws', region, account };
}

/** Physical names, ids and ARNs, derived from stack and logical id: the same in every run. */
export class PhysicalNames {
  readonly stackId: string;

  /**
   * @param generation counts the physical resources of a logical id: a replacement has another name, and its predecessor still its own
   * @param uuid of a stack beside others; one that is deleted and made again has another one, and so have its resources
   */
  constructor(readonly stack: string, readonly awsEnvironment: AwsEnvironment, readonly generation = 0, private readonly uuid?: string) {
    const hex = hash([awsEnvironment.account, awsEnvironment.region, stack, '', 'stack id']).slice(0, 32);
    const derived = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    this.stackId = this.arn('cloudformation', `stack/${stack}/${uuid ?? derived}`);
  }

  ofGeneration(generation: number): PhysicalNames {
    return new PhysicalNames(this.stack, this.awsEnvironment, generation, this.uuid);
  }

  arn(service: string, resource: string, { region = this.awsEnvironment.region, account = this.awsEnvironment.account } = {}): string {
    return `arn:${this.awsEnvironment.partition}:${service}:${region}:${account}:${resource}`;
  }

  /** `<stack>-<logical id>-<12 characters>`, as CloudFormation names what the template leaves unnamed. */
  physicalName(logicalId: string, maximumLength = 128): string {
    const suffix = this.hash(logicalId, 'name', 12).toUpperCase();
    return `${`${this.stack}-${logicalId}`.slice(0, maximumLength - suffix.length - 1)}-${suffix}`;
  }

  /** `vpc-0123456789abcdef0` */
  id(prefix: string, logicalId: string, length = 17): string {
    return `${prefix}-${this.hash(logicalId, prefix, length)}`;
  }

  /** Of what only the runner names: the logical id, with a number from the second physical resource on. */
  localName(logicalId: string): string {
    const name = this.uuid === undefined ? logicalId : `${this.stack}-${logicalId}-${this.uuid.slice(0, 8)}`;
    return this.generation === 0 ? name : `${name}-${this.generation + 1}`;
  }

  /** Of a service, for people: several stacks may have a `scheduler`. */
  serviceName(name: string): string {
    return this.uuid === undefined ? name : `${this.stack}-${name}`;
  }

  hash(logicalId: string, purpose: string, length: number): string {
    const { account, region } = this.awsEnvironment;
    const which = [this.generation === 0 ? [] : String(this.generation), this.uuid ?? []].flat();
    return hash([account, region, this.stack, logicalId, purpose, ...which]).slice(0, length);
  }
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

import type { AwsEnvironment } from '../aws-environment';
import type { Session } from './access-keys';
import { askIdentityPolicies, askResourcePolicy, type Access, type Answer, type Caller } from './evaluate';
import type { RequestContext } from './matching';
import type { Policy } from './policy';

/** A role as the template describes it. */
export interface Role {
  readonly arn: string;
  readonly trustPolicy: Policy;
  readonly policies: readonly Policy[];
  /** ARNs. */
  readonly managedPolicies: readonly string[];
  /** ARN of a managed policy that limits all others. */
  readonly permissionsBoundary?: string;
}

/** One action on one resource, with what is special about this request. */
export interface Action {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Roles and policies of a stack, and what they allow. Whatever is not known is refused, with the reason. */
export class Iam {
  private readonly roles = new Map<string, Role>();
  /** By the role's name, which is what policies name. */
  private readonly attached = new Map<string, Policy[]>();
  private readonly managed = new Map<string, Policy>();
  private readonly ofResources = new Map<string, Policy>();
  private readonly encryptionKeys = new Map<string, string>();

  /** @param awsManaged finds a policy that AWS manages by its ARN */
  constructor(private readonly awsEnvironment: AwsEnvironment, private readonly awsManaged: (arn: string) => Policy | undefined = () => undefined) {}

  createRole(role: Role): void {
    this.roles.set(role.arn, role);
  }

  deleteRole(arn: string): void {
    this.roles.delete(arn);
  }

  /** One of the same name gives way. */
  attachPolicy(roleName: string, policy: Policy): void {
    this.detachPolicy(roleName, policy.name);
    this.attached.set(roleName, [...this.attached.get(roleName) ?? [], policy]);
  }

  detachPolicy(roleName: string, name: string): void {
    this.attached.set(roleName, (this.attached.get(roleName) ?? []).filter(policy => policy.name !== name));
  }

  createManagedPolicy(arn: string, policy: Policy): void {
    this.managed.set(arn, policy);
  }

  deleteManagedPolicy(arn: string): void {
    this.managed.delete(arn);
  }

  /** Of a bucket, a secret or a KMS key. */
  putResourcePolicy(arn: string, policy: Policy): void {
    this.ofResources.set(arn, policy);
  }

  deleteResourcePolicy(arn: string): void {
    this.ofResources.delete(arn);
  }

  /** Says that a bucket or a secret is encrypted with a customer managed key, or that it is not. */
  encrypt(arn: string, keyArn: string | undefined): void {
    if (keyArn === undefined) this.encryptionKeys.delete(arn);
    else this.encryptionKeys.set(arn, keyArn);
  }

  encryptionKeyOf(arn: string): string | undefined {
    return this.encryptionKeys.get(arn);
  }

  /** Whether a service of AWS may act with a role, for a task or a function (`sourceArn`); undefined if it may, else why not. */
  reasonAgainstAssumption(roleArn: string, service: string, sourceArn: string): string | undefined {
    const role = this.roles.get(roleArn);
    if (!role) return undefined; // brought: its trust policy is not in the template
    const { account } = this.awsEnvironment;
    const caller: Caller = { kind: 'Service', names: [service], account: [] };
    const context = new Map([...this.always(roleArn, 'local'), ['aws:sourceaccount', account], ['aws:sourcearn', sourceArn], ['sts:externalid', undefined]]);
    const { effect, unknown } = askResourcePolicy(role.trustPolicy, caller, { action: 'sts:AssumeRole', resource: roleArn, context }).direct;
    return effect === 'allow' ? undefined : `its trust policy does not let ${service} assume it${explain(unknown)}`;
  }

  /** Whoever holds the operator's key. */
  get operatorArn(): string {
    const { partition, account } = this.awsEnvironment;
    return `arn:${partition}:iam::${account}:user/operator`;
  }

  /** Whether somebody of the account may act with a role; undefined if so, else why not. */
  reasonAgainstAssuming(who: Session | 'operator', roleArn: string, externalId?: string): string | undefined {
    const role = this.roles.get(roleArn);
    if (!role) return 'because there is no such role';
    const names = who === 'operator' ? [this.operatorArn] : [who.roleArn, who.arn];
    const session = who === 'operator' ? { roleArn: this.operatorArn, arn: this.operatorArn } : who;
    const access: Access = { action: 'sts:AssumeRole', resource: roleArn, context: this.contextOf(session, { 'sts:ExternalId': externalId }) };
    const { direct, account } = askResourcePolicy(role.trustPolicy, { kind: 'AWS', names, account: this.accountNames() }, access);
    if (direct.effect === 'deny' || account.effect === 'deny') return `with an explicit deny in the role trust policy${explain(direct.unknown ?? account.unknown)}`;
    if (direct.effect === 'allow') return undefined;
    if (account.effect !== 'allow') return `because the role trust policy does not allow the sts:AssumeRole action${explain(direct.unknown ?? account.unknown)}`;
    const own: Answer = who === 'operator' ? { effect: 'allow' } : this.ask(who.roleArn, access);
    return own.effect === 'allow' ? undefined : `because no identity-based policy allows the sts:AssumeRole action${explain(own.unknown)}`;
  }

  private accountNames(): string[] {
    const { partition, account } = this.awsEnvironment;
    return [account, `arn:${partition}:iam::${account}:root`];
  }

  /** Undefined if the session may do it; else why not, in AWS's words, and what could not be judged. */
  reasonAgainst(session: Session, { action, resource, context = {} }: Action): string | undefined {
    const access: Access = { action, resource, context: this.contextOf(session, context) };
    const role = this.roles.get(session.roleArn);
    const own = this.ask(session.roleArn, access);
    const boundary = role?.permissionsBoundary === undefined ? undefined : this.managedPolicy(role.permissionsBoundary);
    const limit: Answer = boundary ? askIdentityPolicies([boundary], access) : { effect: 'allow' };
    const { direct, account } = this.askResource(session, access);

    if (own.effect === 'deny') return `with an explicit deny in an identity-based policy${explain(own.unknown)}`;
    if (direct.effect === 'deny' || account.effect === 'deny') {
      return `with an explicit deny in a resource-based policy${explain(direct.unknown ?? account.unknown)}`;
    }
    if (limit.effect === 'deny') return `with an explicit deny in a permissions boundary${explain(limit.unknown)}`;
    if (direct.effect === 'allow') return undefined;
    if (action.startsWith('kms:') && account.effect !== 'allow') {
      return `because no resource-based policy allows the ${action} action${explain(direct.unknown ?? account.unknown)}`;
    }
    if (own.effect !== 'allow') return `because no identity-based policy allows the ${action} action${explain(own.unknown ?? this.notInTemplate(session.roleArn))}`;
    if (limit.effect !== 'allow') return `because no permissions boundary allows the ${action} action${explain(limit.unknown)}`;
    return undefined;
  }

  private ask(roleArn: string, access: Access): Answer {
    const role = this.roles.get(roleArn);
    const managed = (role?.managedPolicies ?? []).flatMap(arn => this.managedPolicy(arn) ?? []);
    return askIdentityPolicies([...role?.policies ?? [], ...this.attached.get(nameOf(roleArn)) ?? [], ...managed], access);
  }

  private managedPolicy(arn: string): Policy | undefined {
    return this.managed.get(arn) ?? this.awsManaged(arn);
  }

  /** A key without a policy in the template leaves it to the roles, as KMS's default key policy does. */
  private askResource(session: Session, access: Access): { direct: Answer; account: Answer } {
    const policy = this.ofResources.get(ownerOf(access.resource));
    if (!policy) return { direct: { effect: 'none' }, account: { effect: access.action.startsWith('kms:') ? 'allow' : 'none' } };
    return askResourcePolicy(policy, { kind: 'AWS', names: [session.roleArn, session.arn], account: this.accountNames() }, access);
  }

  private notInTemplate(roleArn: string): string | undefined {
    const role = this.roles.get(roleArn);
    if (!role) return 'the role is not in the template: of its policies only those are known that the template adds to it';
    const unknown = role.managedPolicies.filter(arn => !this.managedPolicy(arn));
    return unknown.length === 0 ? undefined : `what ${unknown.join(' and ')} allows is not in the template, so it is not known here`;
  }

  private contextOf(session: Session, own: NonNullable<Action['context']>): RequestContext {
    return new Map([
      ...this.always(session.roleArn, session.arn.split('/').at(-1)!),
      ...Object.entries(own).map(([key, value]) => [key.toLowerCase(), value] as const),
    ]);
  }

  /** Keys that every request has, or that no request of a role has. The local endpoint's plain HTTP stands for AWS's HTTPS. */
  private always(roleArn: string, sessionName: string): [string, string | undefined][] {
    const { account, region } = this.awsEnvironment;
    const now = new Date();
    return [
      ['aws:securetransport', 'true'],
      ['aws:requestedregion', region],
      ['aws:principalarn', roleArn],
      ['aws:principalaccount', account],
      ['aws:principaltype', 'AssumedRole'],
      ['aws:principalisawsservice', 'false'],
      ['aws:viaawsservice', 'false'],
      ['aws:resourceaccount', account],
      ['aws:rolesessionname', sessionName],
      ['aws:currenttime', now.toISOString()],
      ['aws:epochtime', String(Math.floor(now.getTime() / 1000))],
      ['aws:username', undefined],
      ['aws:multifactorauthpresent', undefined],
      ['aws:multifactorauthage', undefined],
    ];
  }
}

/** The thing that has the policy: the bucket of an object, else the resource itself. */
function ownerOf(arn: string): string {
  return /^arn:[^:]*:s3:::/.test(arn) ? arn.split('/')[0] : arn;
}

function nameOf(roleArn: string): string {
  return roleArn.split('/').at(-1)!;
}

function explain(reason: string | undefined): string {
  return reason === undefined ? '' : ` [local: ${reason}]`;
}

import { randomBytes } from 'node:crypto';

/** What the SDKs call an AWS credential identity. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Somebody who acts with a role: a task, a function. */
export interface Session {
  readonly roleArn: string;
  /** `arn:aws:sts::…:assumed-role/<role>/<session>`, as error messages name it. */
  readonly arn: string;
  /** Whose log tells of what it was refused; absent where nobody needs to know. */
  readonly component?: string;
}

/** A key and who it belongs to. */
export interface Issued {
  readonly key: AccessKey;
  readonly session: Session;
}

/** Who signs with which key. No key can be guessed or derived, that of the operator least of all: it may do everything. */
export class AccessKeys {
  /** Of CloudFormation, of `cdk deploy` and of whoever else manages the account: the runner itself. */
  readonly operator = newKey('AKIA');
  private readonly issued = new Map<string, { readonly key: AccessKey; readonly session: Session | 'operator' }>([
    [this.operator.accessKeyId, { key: this.operator, session: 'operator' }],
  ]);

  issue(roleArn: string, sessionName: string, component?: string): Issued {
    const key = newKey('ASIA');
    const arn = roleArn.replace(':iam:', ':sts:').replace(/:role\/.*?([^/]+)$/, `:assumed-role/$1/${sessionName}`);
    const issued = { key, session: { roleArn, arn, component } };
    this.issued.set(key.accessKeyId, issued);
    return issued;
  }

  find(accessKeyId: string): { readonly key: AccessKey; readonly session: Session | 'operator' } | undefined {
    return this.issued.get(accessKeyId);
  }
}

function newKey(prefix: string): AccessKey {
  return {
    accessKeyId: `${prefix}${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(60).toString('base64'),
  };
}

import type { AccessKeys, Session } from './access-keys';
import type { Denials } from './denials';
import { DeniedRequest } from './denied-request';
import type { Action, Iam } from './iam';
import { isSignedWith, type Authorization, type SignedRequest } from './signature';

/** Nobody passes who does not hold a key, and nobody does what the policies of his role do not allow. */
export class Gate {
  constructor(readonly keys: AccessKeys, readonly iam: Iam, readonly denials: Denials) {}

  /** Who sent the request; `operator` may do everything. */
  async authenticate(authorization: Authorization | undefined, request: SignedRequest): Promise<Session | 'operator'> {
    if (!authorization) {
      throw new DeniedRequest('unsigned', 'Access Denied [local: the request has no signature of version 4 in its header Authorization; presigned URLs are not served]');
    }
    const found = this.keys.find(authorization.accessKeyId);
    if (!found) {
      throw new DeniedRequest('unknownKey', 'The security token included in the request is invalid. [local: only keys from the ECS credentials endpoint are valid]');
    }
    if (!await isSignedWith(found.key, authorization, request)) {
      throw new DeniedRequest('wrongSignature', 'The request signature we calculated does not match the signature you provided.');
    }
    return found.session;
  }

  /** Every action is needed. `undefined` stands for an operation of which nobody here knows what it needs. */
  authorize(session: Session | 'operator', operation: string, actions: readonly Action[] | undefined): void {
    if (session === 'operator') {
      return;
    }
    if (!actions) {
      throw new DeniedRequest('denied', this.denied(session, { action: operation, resource: '*' }, '[local: it is not known here what this operation needs]'));
    }
    for (const action of actions) {
      const message = this.messageAgainst(session, action);
      if (message !== undefined) throw new DeniedRequest('denied', message);
    }
  }

  /** Undefined if the session may do it, else the text that AWS answers with; that is remembered. */
  messageAgainst(session: Session, action: Action): string | undefined {
    const reason = this.iam.reasonAgainst(session, action);
    return reason === undefined ? undefined : this.denied(session, action, reason);
  }

  private denied(session: Session, { action, resource }: Action, reason: string): string {
    const message = `User: ${session.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
    this.denials.record(session, { action, resource, reason }, message);
    return message;
  }
}

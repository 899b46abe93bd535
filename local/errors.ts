/** A mistake or a condition that the user can do something about: one clear sentence, shown without a stack trace. */
export class UserError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UserError';
  }
}

/** ECS has no place for a task at the moment. */
export class NotPlaced extends Error {
  public readonly name = 'NotPlaced';
}

/** Seconds in which a new permission is seen everywhere. */
const PERMISSIONS_VISIBLE_AFTER = 120;

/** Whether the same request can succeed a little later. */
export function isPassing(error: unknown, secondsSinceStart: number): boolean {
  if (error instanceof NotPlaced) { return true; }
  const { name, message, code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return (status === undefined && code !== undefined) // no answer
    || (status !== undefined && status >= 500)
    || /timeout|throttl|too ?many|rate exceeded|limit/i.test(`${name} ${message}`)
    // roles are not seen everywhere at once
    || /unable to assume/i.test(message)
    || (name === 'AccessDeniedException' && secondsSinceStart < PERMISSIONS_VISIBLE_AFTER);
}

export function describe(error: unknown): string {
  const { name, message } = error as Error;
  return error instanceof NotPlaced ? message : `${name}: ${message}`;
}

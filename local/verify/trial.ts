/** `list all` is also how an object is asked for that may be missing, and a bucket that may not exist. */
export type S3Operation = 'list' | 'list all' | 'read' | 'write' | 'delete';

/** A part of a bucket. */
export interface Place {
  readonly use: 'logs' | 'dags' | 'elsewhere';
  readonly bucket: string;
  /** With a slash at its end. */
  readonly prefix: string;
}

/** One request of a role, and whether it was answered. */
export interface Trial {
  readonly component: string;
  readonly role: 'task role' | 'execution role';
  readonly operation: S3Operation;
  /** Name of a secret, or `s3://bucket/prefix/`. */
  readonly resource: string;
  readonly kind: 'secrets' | Place['use'];
  readonly expected: boolean;
  readonly reached: boolean;
}

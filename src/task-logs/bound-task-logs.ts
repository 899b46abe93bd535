import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Binding } from '../binding';

/** Task logs as components see them. */
export interface BoundTaskLogs {
  /** For components that show them. */
  readonly reader: Binding;
  /** For components that run code of DAGs. */
  readonly writer: Binding;
  readonly bucket?: s3.IBucket;
}

import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Binding } from '../binding';

/** A DAG bundle as components see it. */
export interface BoundDagSource {
  /** Entry of `[dag_processor] dag_bundle_config_list`. */
  readonly bundle: Record<string, unknown>;
  /** What components get that read the bundle: permissions, variables, secrets, connections. */
  readonly reader: Binding;
  readonly bucket?: s3.IBucket;
}

import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { listOf, object } from '../properties/property-types';

/** Who may connect. */
export const PEERS = listOf(object<ec2.IConnectable>('a peer', 'connections'), 'a list of peers, for example [Peer.ipv4("10.0.0.0/8")]');

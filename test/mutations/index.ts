import { CONTAINERS } from './containers';
import { Mutation } from './mutation';
import { NETWORK } from './network';
import { ORDER } from './order';
import { SECRETS } from './secrets';
import { SERVICES, STATE } from './services';

export const MUTATIONS: Mutation[] = [...ORDER, ...SECRETS, ...NETWORK, ...CONTAINERS, ...SERVICES, ...STATE];

/** Prints what the rules of cdk-nag find: failed rules and, in brackets, findings. */
import { NAG_HEADINGS, nagFigures } from './nag-figures';
import { table } from './table';

console.log(table(NAG_HEADINGS, nagFigures(), NAG_HEADINGS.slice(1)));

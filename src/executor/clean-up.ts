import { pythonProgram } from '../python-program';

/**
 * Removes what tasks leave behind, in the processes of a worker that start them. Each task has a folder of its own for temporary files, which goes with
 * it. Everything else in the shared one goes when it is older than all tasks that run, so that nothing is taken from one. The cache of packages goes
 * only when the disk is half full, and so do logs of ended tasks, which are in S3 by then unless they could not be written. Where the shared folder is
 * no disk of the container's own nothing is removed.
 */
export const CLEAN_UP = pythonProgram('executor/clean_up.py');

import { pythonProgram } from '../python-program';

/**
 * Sets how many workers the pools have that follow their queues. `docs/scaling.md` says what it does and why in this order; in short:
 *
 * - One of all schedulers' scalers leads, by an advisory lock of the database. It asks the database what waits and what runs, and ECS which workers there are.
 * - A worker that is there is protected from scale-in, so that ECS never chooses one: the scaler does, and only one that is idle and takes nothing.
 *   It is told to take nothing more (cordon), is waited for (drain), loses its protection, and then the number is lowered.
 * - When its own service is to have no tasks, it sends all workers away: nobody else would. They take nothing more, and have a while for what they run.
 * - Whatever cannot be asked or is refused leaves things as they are: nobody is removed.
 *
 * What it remembers makes it slower to remove workers and nothing else: everything that counts is asked anew, so that another one can go on at any step.
 */
export const SCALER = pythonProgram('scaler/scaler.py');

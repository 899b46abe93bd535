import { nextSteps } from '../../../local/ecs/rolling-update';

const configuration = (minimumHealthyPercent: number, maximumPercent: number) => ({
  minimumHealthyPercent, maximumPercent, deploymentCircuitBreaker: { enable: false, rollback: false },
});
/** `+a` is ready, `-a` is not, `+a!` is protected. */
const tasks = (text: string) => text.split(' ').filter(Boolean).map(word => ({ name: word[1], ready: word.startsWith('+'), isProtected: word.endsWith('!') }));

describe('the next steps of a rolling update', () => {
  it.each<[string, number, [number, number], string, string, { start: number; stop: string }]>([
    ['a first deployment starts all', 3, [100, 200], '', '', { start: 3, stop: '' }],
    ['a steady one does nothing', 2, [100, 200], '+a +b', '', { start: 0, stop: '' }],
    ['new ones start beside old ones', 2, [100, 200], '', '+a +b', { start: 2, stop: '' }],
    ['old ones stay while new ones are not ready', 2, [100, 200], '-c -d', '+a +b', { start: 0, stop: '' }],
    ['one old one leaves for each new one that is ready', 2, [100, 200], '+c -d', '+a +b', { start: 0, stop: 'a' }],
    ['all old ones leave in the end', 2, [100, 200], '+c +d', '+b', { start: 0, stop: 'b' }],
    ['old ones that are not ready leave at once', 2, [100, 200], '-c', '+a -b', { start: 1, stop: 'b' }],
    ['where nothing must stay and nothing may be added, the old one leaves first', 1, [0, 100], '', '+a', { start: 0, stop: 'a' }],
    ['and the new one follows', 1, [0, 100], '', '', { start: 1, stop: '' }],
    ['half may be missing, rounded up', 3, [50, 100], '', '+a +b +c', { start: 0, stop: 'a' }],
    ['half more may be there, rounded down', 3, [100, 150], '', '+a +b +c', { start: 1, stop: '' }],
    ['less stay: the youngest leave', 1, [100, 200], '+a +b +c', '', { start: 0, stop: 'b c' }],
    ['none stays', 0, [100, 200], '+a', '+b', { start: 0, stop: 'a b' }],
    ['less stay: the youngest leave that are not protected', 1, [100, 200], '+a! +b +c +d!', '', { start: 0, stop: 'b c' }],
    ['fewer leave, where the rest is protected', 1, [100, 200], '+a! +b +c! +d!', '', { start: 0, stop: 'b' }],
    ['old ones that are protected stay, ready or not', 2, [100, 200], '+d +e', '+a! -b! +c', { start: 0, stop: 'c' }],
    ['and are counted: nothing is started beyond the maximum', 2, [100, 200], '+e', '+a! +b! +c!', { start: 0, stop: '' }],
    ['surplus tasks keep no old one', 1, [100, 200], '-a +b', '+c', { start: 0, stop: 'b' }],
  ])('%s', (_name, desired, [minimum, maximum], primary, old, { start, stop }) => {
    const steps = nextSteps(desired, configuration(minimum, maximum), tasks(primary), tasks(old), ({ isProtected }) => isProtected);

    expect({ start: steps.start, stop: steps.stop.map(({ name }) => name).join(' ') }).toEqual({ start, stop });
  });
});

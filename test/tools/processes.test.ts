import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processTree } from '../../tools/processes';

test('a process tree has the process, its children and their children', async () => {
  const shell = spawn('sh', ['-c', 'sh -c "sleep 61; :" & echo; wait'], { detached: true });
  try {
    await once(shell.stdout, 'data');
    const commands = () => processTree(shell.pid!).map(({ command }) => command);
    while (commands().length < 3) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    expect(commands()).toEqual(['sh -c sh -c "sleep 61; :" & echo; wait', 'sh -c sleep 61; :', 'sleep 61']);
  } finally {
    process.kill(-shell.pid!, 'SIGKILL');
  }
});

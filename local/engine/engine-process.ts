import { AwsEngine } from './aws-engine';
import { Engine } from './engine';
import type { FromEngine, ToEngine } from './messages';
import { UserError } from '../errors';

/** Main of the engine's process: takes orders from `up` and ends with it, whatever happens to `up`. */
export function runEngineProcess(): void {
  let engine: Engine | AwsEngine | undefined;
  let stopping = false;
  const send = (message: FromEngine) => {
    if (process.connected) {
      process.send!(message);
    }
  };
  const fail = (error: Error) => {
    if (!stopping) {
      send({ type: 'failed', message: error.message, stack: error instanceof UserError ? undefined : error.stack });
    }
  };
  process.on('uncaughtException', fail);
  process.on('message', (message: ToEngine) => {
    switch (message.type) {
      case 'start':
        engine = new Engine(message.options, send);
        engine.start().catch(fail);
        break;
      case 'start aws':
        engine = new AwsEngine(message.options, send);
        engine.start().catch(fail);
        break;
      case 'stop':
        stopping = true;
        void engine!.stop().catch((error: Error) => console.error(error)).finally(() => process.exit());
        break;
    }
  });
  // `up` is gone: its namespaces end with this process, and the supervisors of plain processes see it end
  process.on('disconnect', () => process.exit(1));
}

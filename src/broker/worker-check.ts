import { pythonCommand, pythonUrl, SecretUrl } from '../secrets/secret-url';

/** Whether the worker consumes its queues: after an outage of Redis it can answer `ping` and still consume nothing. */
export function workerCheck(broker: SecretUrl): string {
  return pythonCommand([
    'import os,sys,socket,celery,urllib.parse as p',
    `w=celery.Celery(broker=${pythonUrl(broker)}).control.inspect(['celery@'+socket.gethostname()],timeout=5)`,
    'sys.exit(not w.active_queues())',
  ].join(';'));
}

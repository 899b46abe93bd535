import pc from 'picocolors';
import { openApp, type GlobalOptions } from './app';
import { resourceLines } from './resources';
import { serviceLines } from './service-lines';
import { ControlClient } from '../engine/control-client';
import { refusalLine } from '../engine/refusals';
import { denialLine } from '../iam/denials';

export interface StatusOptions extends GlobalOptions {
  readonly credentials?: boolean;
  readonly resources?: boolean;
  readonly json?: boolean;
}

export async function status(options: StatusOptions): Promise<number> {
  const { folders } = openApp(options);
  const client = new ControlClient(folders.run);
  const { services, securityGroups, refused, denials, problems, deployment } = await client.status();
  const credentials = options.credentials ? await client.logins() : undefined;
  if (options.json) {
    const told = { services, securityGroups, refused, denials, problems, credentials, ...options.resources && deployment };
    console.log(JSON.stringify(told, undefined, 2));
    return 0;
  }
  console.log(serviceLines(services).join('\n'));
  problems.forEach(problem => console.log(pc.red(`  ${problem}`)));
  refused.forEach(refusal => console.log(pc.yellow(`  ${refusalLine(refusal)}`)));
  denials.forEach(denial => console.log(pc.red(`  ${denialLine(denial)}`)));
  credentials?.forEach(({ service, username, password }) => console.log(`${service}: user ${pc.bold(username)}, password ${pc.bold(password)}`));
  if (options.resources) {
    console.log(deployment ? resourceLines(deployment).join('\n') : 'resources are listed once everything has been created');
  }
  return 0;
}

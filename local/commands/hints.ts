import { DEFAULT_APP, type GlobalOptions } from './app';
import { quote } from '../isolation/container-root';

const COMMAND = 'npx serverless-airflow local';

/** Commands that a text recommends, about the app that the options name: they can be copied as they stand. */
export function aboutSameApp(text: string, { app, stack, state }: Partial<Pick<GlobalOptions, 'app' | 'stack' | 'state'>>): string {
  const given = Object.entries({ app: app === DEFAULT_APP ? undefined : app, stack, state }).filter(([, value]) => value !== undefined);
  const command = [COMMAND, ...given.map(([name, value]) => `--${name} ${/^[\w./:=@%+,-]+$/.test(value!) ? value : quote(value!)}`)].join(' ');
  return text.replaceAll(COMMAND, () => command);
}

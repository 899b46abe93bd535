import { convertSettings } from '../../../local/mwaa/settings';
import { RESERVED } from '../../../src/container/reserved-variables';

test('a setting becomes the variable that Airflow reads', () => {
  expect(convertSettings({ 'core.default_task_retries': '3' })).toEqual({ variables: { AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '3' }, dropped: [] });
});

test('every setting that the construct would refuse is left out, with the reason', () => {
  const settings = Object.keys(RESERVED).map(name => /^AIRFLOW__(.+?)__(.+)$/.exec(name)).filter(match => match !== null)
    .map(([, section, option]) => `${section}.${option}`.toLowerCase());
  const { variables, dropped } = convertSettings(Object.fromEntries(settings.map(setting => [setting, 'x'])));

  expect(variables).toEqual({});
  expect(dropped.map(({ option }) => option).sort()).toEqual(settings.sort());
  expect(settings.length).toBeGreaterThan(30);
});

test('settings of sections that Airflow 3 does not have are left out', () => {
  expect(convertSettings({ 'webserver.expose_config': 'True' }).dropped).toEqual([
    { option: 'webserver.expose_config', reason: 'Airflow 3 has no such section: `airflow config lint` names what replaced it' },
  ]);
});

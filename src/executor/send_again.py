import itertools, time
from airflow.providers.celery.executors.celery_executor import CeleryExecutor
from airflow.providers.celery.executors.celery_executor_utils import OPERATION_TIMEOUT, AirflowTaskTimeout, timeout

interval = 10
missing, looked = set(), time.monotonic()

def sync(executor, upstream=CeleryExecutor.sync):
    global missing, looked
    upstream(executor)
    if time.monotonic() - looked >= interval:
        try:
            missing = send_again(executor, missing)
        except (Exception, AirflowTaskTimeout) as error:
            executor.log.warning('Cannot look for messages that the broker has lost: %r', error)
        looked = time.monotonic()

def send_again(executor, before):
    from airflow.executors.workloads import ExecuteTask
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select
    sent = {result.task_id: key for key, result in executor.workloads.items()}
    query = select(TaskInstance).where(TaskInstance.state == 'queued', TaskInstance.external_executor_id.in_(sent))
    with create_session() as session:
        waiting = {task.external_executor_id: task for task in session.scalars(query)}
        if not waiting:
            return set()
        present = messages(executor.celery_app, {task.queue for task in waiting.values()})
        states = executor.bulk_state_fetcher.get_many([executor.workloads[sent[name]] for name in waiting])
        absent = {name for name in waiting if name.encode() not in present and states[name][0] == 'PENDING'}
        for name in absent & before:
            executor.log.warning('The broker has lost the message of %s, it is sent again', sent[name])
            workload = ExecuteTask.make(waiting[name], generator=executor.jwt_generator, sentry_integration=executor.sentry_integration)
            del executor.workloads[sent[name]]
            executor.running.discard(sent[name])
            executor.queue_workload(workload, session)
    return absent - before

def messages(app, queues):
    with timeout(OPERATION_TIMEOUT), app.connection_for_read() as connection:
        channel = connection.default_channel
        pipe = channel.client.pipeline()
        for queue, priority in itertools.product(queues, channel.priority_steps):
            pipe.lrange(channel._q_for_pri(queue, priority), 0, -1)
        pipe.hvals(channel.unacked_key)
        return b''.join(itertools.chain(*pipe.execute()))

CeleryExecutor.sync = sync

import os, sys

names, sys.argv = sys.argv[1].split(','), ['airflow', *sys.argv[2:]]
secrets = {name: os.environ[name] for name in names if name in os.environ}

def forget():
    for name in secrets:
        os.environ.pop(name, None)

os.register_at_fork(after_in_child=forget)
from airflow.utils import serve_logs

def remember(serve=serve_logs.serve_logs, **arguments):
    os.environ.update(secrets)  # the log server is forked, too, and checks with a key who asks it
    serve(**arguments)

serve_logs.serve_logs = remember

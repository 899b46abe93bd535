import os, sys

passwords, sys.argv = sys.argv[1].split(','), ['airflow', *sys.argv[2:]]

def forget():
    for name in passwords:
        os.environ.pop(name, None)

os.register_at_fork(after_in_child=forget)

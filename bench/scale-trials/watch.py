"""Prints what is in Redis, five times a second: by queue, how many messages wait and how many have been taken and not acknowledged."""

import collections
import json
import sys
import time

import redis
from airflow.configuration import conf

client = redis.Redis.from_url(conf.get("celery", "broker_url"), socket_timeout=2, socket_connect_timeout=2)
while True:
    seen = None
    try:
        taken = collections.Counter(json.loads(message)[2] for message in client.hvals("unacked"))
        seen = {queue: [client.llen(queue), taken[queue]] for queue in sys.argv[1:]}
    except redis.RedisError:
        pass
    print(json.dumps(seen), flush=True)
    time.sleep(0.2)

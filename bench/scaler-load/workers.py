"""Celery workers at the addresses of standard input, as far as remote control asks them: each has a task."""

import sys

import celery

app = celery.Celery(broker=sys.argv[1], set_as_current=False)
nodes = [f"celery@ip-{address.replace('.', '-')}" for address in sys.stdin.read().split()]
ANSWERS = {"active_queues": [{"name": "default"}], "active": [{"id": "task"}], "reserved": []}

with app.connection() as connection:
    mailbox = app.control.mailbox
    node = mailbox.Node(nodes[0], channel=connection.channel())

    def answer(body, message):
        for name in body["destination"] or nodes:
            reply = {name: ANSWERS.get(body["method"], {"ok": ""})}
            mailbox._publish_reply(reply, body["reply_to"]["exchange"], body["reply_to"]["routing_key"], body["ticket"], channel=node.channel)

    node.listen(callback=answer)
    print("ready", flush=True)
    while True:
        connection.drain_events()

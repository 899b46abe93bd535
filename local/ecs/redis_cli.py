"""Stands in for redis-cli, which no package brings: one command, its reply as redis-cli prints it without a terminal."""
import argparse
import os
import sys

import redis

parser = argparse.ArgumentParser(prog='redis-cli', add_help=False)
parser.add_argument('-h', dest='host', default='127.0.0.1')
parser.add_argument('-p', dest='port', type=int, default=6379)
parser.add_argument('-n', dest='db', type=int, default=0)
parser.add_argument('-t', dest='timeout', type=float)
parser.add_argument('--user')
parser.add_argument('-a', '--pass', dest='password', default=os.environ.get('REDISCLI_AUTH'))
parser.add_argument('-e', action='store_true')
parser.add_argument('--raw', action='store_true')
parser.add_argument('--no-auth-warning', action='store_true')
parser.add_argument('command', nargs=argparse.REMAINDER)


def text(reply):
    if isinstance(reply, list):
        return '\n'.join(map(text, reply))
    return reply.decode(errors='replace') if isinstance(reply, bytes) else '' if reply is None else str(reply)


def main():
    arguments = parser.parse_args()
    connection = redis.Connection(
        host=arguments.host, port=arguments.port, db=arguments.db, username=arguments.user, password=arguments.password,
        socket_timeout=arguments.timeout, socket_connect_timeout=arguments.timeout,
    )
    try:
        connection.connect()
        connection.send_command(*(arguments.command or ['PING']))
        print(text(connection.read_response()))
    except redis.ResponseError as error:
        print(error)
        return 1 if arguments.e else 0
    except redis.RedisError as error:
        print(f'Could not connect to Redis at {arguments.host}:{arguments.port}: {error}', file=sys.stderr)
        return 1
    return 0


sys.exit(main())

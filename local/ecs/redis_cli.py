"""Stands in for redis-cli, which no package brings: one command, its reply as redis-cli prints it without a terminal.

It is the health check of the template, which has seconds for it: an import of the client library or of argparse would take them on a busy machine.
"""
import os
import sys
from _socket import SOL_TCP, TCP_NODELAY, getaddrinfo, socket

VALUES = {'-h': 'host', '-p': 'port', '-n': 'database', '-t': 'timeout', '-a': 'password', '--pass': 'password', '--user': 'user'}
SWITCHES = ('-e', '--raw', '--no-auth-warning')


class ReplyError(Exception):
    pass


def parse(arguments):
    options = {'host': '127.0.0.1', 'port': '6379', 'password': os.environ.get('REDISCLI_AUTH')}
    while arguments and arguments[0].startswith('-'):
        name, *arguments = arguments
        if name in VALUES and arguments:
            options[VALUES[name]], *arguments = arguments
        elif name in SWITCHES:
            options[name] = True
        else:
            sys.exit(f'redis-cli: {name} is not an option of this stand-in, or has no value')
    return options, arguments or ['PING']


def resolve(host):
    """At the loopback level names and this host's address are the container's own."""
    own = os.environ.get('LOOPBACK_ADDRESS')
    if own is None or host in ('127.0.0.1', 'localhost'):
        return own or host
    with open(os.environ['LOOPBACK_HOSTS']) as lines:
        return next((address for address, name in map(str.split, lines) if name == host), host)


class Connection:
    def __init__(self, host, port, timeout):
        address = getaddrinfo(resolve(host).encode(), int(port))[0]  # as text its name would cost the import of `re`
        self.socket = socket(*address[:3])
        self.socket.settimeout(timeout)
        self.socket.connect(address[4])
        self.socket.setsockopt(SOL_TCP, TCP_NODELAY, 1)
        self.buffer = b''

    def call(self, *arguments):
        parts = [argument.encode(errors='surrogateescape') for argument in arguments]
        self.socket.sendall(b''.join([b'*%d\r\n' % len(parts), *(b'$%d\r\n%s\r\n' % (len(part), part) for part in parts)]))
        return self.reply()

    def reply(self):
        line = self.line()
        kind, content = line[:1], line[1:]
        if kind == b'-':
            raise ReplyError(content.decode(errors='replace'))
        if kind == b'$':
            return None if content == b'-1' else self.read(int(content) + 2)[:-2]
        if kind == b'*':
            return [self.reply() for _ in range(int(content))]
        return content

    def line(self):
        while b'\r\n' not in self.buffer:
            self.receive()
        line, _, self.buffer = self.buffer.partition(b'\r\n')
        return line

    def read(self, size):
        while len(self.buffer) < size:
            self.receive()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError('Server closed the connection')
        self.buffer += data


def text(reply):
    if isinstance(reply, list):
        return '\n'.join(map(text, reply))
    return '' if reply is None else reply.decode(errors='replace')


def main():
    options, command = parse(sys.argv[1:])
    host, port = options['host'], options['port']
    try:
        connection = Connection(host, port, float(options['timeout']) if 'timeout' in options else None)
        if options['password'] is not None:
            connection.call('AUTH', *[options['user']] if 'user' in options else [], options['password'])
        if 'database' in options:
            connection.call('SELECT', options['database'])
        print(text(connection.call(*command)))
    except ReplyError as error:
        print(error)
        return 1 if '-e' in options else 0
    except OSError as error:
        print(f'Could not connect to Redis at {host}:{port}: {error}', file=sys.stderr)
        return 1
    return 0


sys.exit(main())

"""On PYTHONPATH at the loopback level: gives a Python process what a container's network namespace would.

Its own host name and address, private names from a hosts file that changes while it runs, and listeners of its own: a wildcard or local
address means the task's own 127.0.x.y, so that all tasks can have the ports that they have on AWS. libpq resolves in C: see PGHOSTADDR.
"""
import os
import socket
import sys

_ADDRESS = os.environ.get('LOOPBACK_ADDRESS')
_HOSTS = os.environ.get('LOOPBACK_HOSTS')


def _install():
    own_name = 'ip-' + _ADDRESS.replace('.', '-')
    local = {'localhost', '127.0.0.1', own_name}
    read = {'at': None, 'names': {}}
    getaddrinfo, bind, connect, connect_ex = socket.getaddrinfo, socket.socket.bind, socket.socket.connect, socket.socket.connect_ex

    def names():
        at = os.stat(_HOSTS).st_mtime_ns
        if at != read['at']:
            found = {}
            with open(_HOSTS) as hosts:
                for line in hosts:
                    address, name = line.split()
                    found.setdefault(name, []).append(address)
            read.update(at=at, names=found)
        return read['names']

    def addresses(host):
        if isinstance(host, (bytes, bytearray)):
            host = host.decode()
        return [_ADDRESS] if host in local else names().get(host)

    def own_getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
        found = addresses(host) or [host]
        # IPv6 wildcards would listen outside of the task's address
        family = socket.AF_INET if family == socket.AF_UNSPEC else family
        return [entry for address in found for entry in getaddrinfo(address, port, family, type, proto, flags)]

    def own_gethostbyname(host):
        return own_getaddrinfo(host, None, socket.AF_INET)[0][4][0]

    def own(sock, address, wildcards):
        return (_ADDRESS, *address[1:]) if sock.family == socket.AF_INET and address[0] in wildcards else address

    socket.getaddrinfo = own_getaddrinfo
    socket.gethostname = lambda: own_name
    socket.getfqdn = lambda name='': name or own_name
    socket.gethostbyname = own_gethostbyname
    socket.socket.bind = lambda self, address: bind(self, own(self, address, {'', '0.0.0.0', *local}))
    socket.socket.connect = lambda self, address: connect(self, own(self, address, local))
    socket.socket.connect_ex = lambda self, address: connect_ex(self, own(self, address, local))
    sys.modules['uvloop'] = None  # it resolves and listens in C; uvicorn falls back to asyncio


if _ADDRESS:
    _install()

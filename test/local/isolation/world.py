"""world.py FILE COMMAND...: stands for the Internet, and runs a command that has it around itself. FILE is for its resolv.conf.

In namespaces of its own, with nothing of this machine's network: 203.0.113.1 answers on ports 80 and 443 with what it was sent, until the sender has finished,
and a resolver knows `pypi.test` (and `large.test` over TCP only).
"""
import socket
import socketserver
import subprocess
import sys
import threading

ADDRESS = '203.0.113.1'
NAMES = {b'\x04pypi\x04test\x00': ADDRESS, b'\x05large\x04test\x00': ADDRESS}


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        received = b''
        while data := self.request.recv(65536):
            received += data
        self.request.sendall(b'world ' + received)


def answer(question, over_tcp):
    name = question[12:question.index(b'\0', 12) + 1]
    known = name in NAMES and question[len(name) + 12:len(name) + 14] == b'\x00\x01'
    truncated = known and name.startswith(b'\x05large') and not over_tcp
    flags = 0x8180 | (0x0200 if truncated else 0) | (0 if name in NAMES else 3)
    record = b'\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04' + socket.inet_aton(ADDRESS) if known and not truncated else b''
    return question[:2] + flags.to_bytes(2, 'big') + b'\x00\x01' + bytes([0, 1 if record else 0]) + bytes(4) + question[12:len(name) + 16] + record


class DnsOverUdp(socketserver.BaseRequestHandler):
    def handle(self):
        question, server = self.request
        server.sendto(answer(question, False), self.client_address)


class DnsOverTcp(socketserver.StreamRequestHandler):
    def handle(self):
        while length := self.rfile.read(2):
            said = answer(self.rfile.read(int.from_bytes(length, 'big')), True)
            self.wfile.write(len(said).to_bytes(2, 'big') + said)


def main(resolv_conf, *command):
    with open(resolv_conf, 'w') as file:
        file.write('nameserver 127.0.0.53\n')
    for preparation in ('ip link set lo up', f'ip addr add {ADDRESS}/32 dev lo', f'mount --bind {resolv_conf} /etc/resolv.conf'):
        subprocess.run(preparation.split(), check=True)
    servers = [*(socketserver.ThreadingTCPServer((ADDRESS, port), Echo) for port in (80, 443)),
               socketserver.ThreadingUDPServer(('127.0.0.53', 53), DnsOverUdp), socketserver.ThreadingTCPServer(('127.0.0.53', 53), DnsOverTcp)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return subprocess.run(command, close_fds=False).returncode


sys.exit(main(*sys.argv[1:]))

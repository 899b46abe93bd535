"""The way of tasks to the Internet, as a NAT gateway and the VPC's resolver are it on AWS. Both ends are programs of this file.

internet.py relay SOCKET: runs outside of the run's network, as whoever has started `up`. Is given listening sockets over the Unix socket SOCKET and
passes on what comes: connections to the address that they were meant for before the router sent them here, questions for names to this machine's resolver.

internet.py offer SOCKET HOST PORT RESOLVER: runs inside and ends at once. A socket belongs to the network that it was made in, whoever holds it.
"""
import asyncio
import contextlib
import socket
import struct
import sys

SO_ORIGINAL_DST = 80
DNS = 53
DNS_SECONDS = 10
RESET = struct.pack('ii', 1, 0)


def offer(path, host, port, resolver):
    listener = socket.create_server((host, int(port)), backlog=1024)
    questions = socket.socket(type=socket.SOCK_DGRAM)
    questions.bind((resolver, DNS))
    with socket.socket(socket.AF_UNIX) as relay:
        relay.connect(path)
        socket.send_fds(relay, [resolver.encode()], [listener.fileno(), questions.fileno()])
        relay.recv(1)  # taken over


def nameserver():
    """Asked each time: a laptop changes networks."""
    with open('/etc/resolv.conf') as lines:
        return next(words[1] for words in map(str.split, lines) if words[:1] == ['nameserver'])


async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def passed_on(reader, writer, resolver):
    """The kernel has accepted the connection already: what fails here is a reset."""
    port, address = struct.unpack('!2xH4s8x', writer.get_extra_info('socket').getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16))
    host = socket.inet_ntoa(address)
    try:
        there, outside = await asyncio.open_connection(nameserver() if (host, port) == (resolver, DNS) else host, port)
    except (OSError, StopIteration) as error:
        print(f'{writer.get_extra_info("peername")[0]} → {host}:{port}: {error}', file=sys.stderr)
        reset(writer)
        return
    try:
        await asyncio.gather(copy(reader, outside), copy(there, writer))
        outside.close()
        writer.close()
    except OSError:  # one end has broken the connection
        reset(outside)
        reset(writer)


def reset(writer):
    with contextlib.suppress(OSError):  # it has ended
        writer.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def answered(questions, question, client):
    try:
        loop = asyncio.get_running_loop()
        info = socket.getaddrinfo(nameserver(), DNS, type=socket.SOCK_DGRAM)[0]
        with socket.socket(*info[:3]) as asked:
            asked.setblocking(False)
            await loop.sock_connect(asked, info[4])
            await loop.sock_sendall(asked, question)
            questions.sendto(await asyncio.wait_for(loop.sock_recv(asked, 65535), DNS_SECONDS), client)
    except (OSError, StopIteration) as error:
        print(f'{client[0]} asks for a name: {error or type(error).__name__}', file=sys.stderr)


async def relay(path):
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX) as meeting:
        meeting.bind(path)
        meeting.listen()
        meeting.setblocking(False)
        print('ready', flush=True)
        engine, _ = await loop.sock_accept(meeting)
    engine.setblocking(True)
    resolver, (listener, questions), _, _ = socket.recv_fds(engine, 64, 2)
    listener, questions, resolver = socket.socket(fileno=listener), socket.socket(fileno=questions), resolver.decode()
    questions.setblocking(False)
    running = set()

    def run(coroutine):
        task = loop.create_task(coroutine)
        running.add(task)
        task.add_done_callback(running.discard)

    def ask():
        try:
            run(answered(questions, *questions.recvfrom(65535)))
        except OSError:
            pass  # an answer that nobody waited for came back

    loop.add_reader(questions, ask)
    server = await asyncio.start_server(lambda reader, writer: passed_on(reader, writer, resolver), sock=listener)
    engine.close()
    await server.serve_forever()


if __name__ == '__main__':
    command, *arguments = sys.argv[1:]
    if command == 'offer':
        offer(*arguments)
    else:
        asyncio.run(relay(*arguments))

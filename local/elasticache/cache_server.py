"""A node of ElastiCache: Valkey behind TLS, which the Valkey that is installed here was built without. Ends when either does."""
import asyncio
import json
import os
import ssl
import sys


async def until_answers(path):
    while True:
        try:
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'PING\r\n')
            if await reader.readline():  # that a password is missing is an answer
                return writer.close()
        except OSError:
            pass
        await asyncio.sleep(0.05)


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(program, configuration, path, host, port, certificate, key):
    valkey = await asyncio.create_subprocess_exec(program, '-', stdin=asyncio.subprocess.PIPE)
    valkey.stdin.write('\n'.join([*configuration, f'unixsocket "{path}"', '']).encode())
    valkey.stdin.close()
    ended = asyncio.create_task(valkey.wait())
    await asyncio.wait([ended, asyncio.create_task(until_answers(path))], return_when=asyncio.FIRST_COMPLETED)

    async def serve(reader, writer):
        try:
            there, to = await asyncio.open_unix_connection(path)
        except OSError:
            return writer.close()
        await asyncio.gather(copy(reader, to), copy(there, writer))

    if not ended.done():
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        await asyncio.start_server(serve, host, port, ssl=context)
    sys.exit(await ended)


asyncio.run(main(**json.loads(os.environ.pop('CACHE'))))

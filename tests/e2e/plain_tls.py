"""Lets programs without TLS, such as the packaged pg_restore, reach a PostgreSQL that accepts nothing else."""

import asyncio
import ssl
import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""Asks for TLS (PostgreSQL manual, Message Formats, SSLRequest: length 8, code 80877103); the answer is one byte, S."""

_SASL, _PLUS = b"\0\0\0\x0a", b"SCRAM-SHA-256-PLUS\0"
"""The message AuthenticationSASL, and the mechanism in it that needs TLS: a client without refuses it."""

_Running = tuple[int, asyncio.AbstractEventLoop, asyncio.Event]


@contextmanager
def plain_tls(port: int, authority: Path) -> Generator[int]:
    """Listen without TLS on a port of loopback (yielded), and pass every byte on, by verified TLS, to `port`."""
    context = ssl.create_default_context(cafile=str(authority))
    ready: Future[_Running] = Future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("localhost", port)
        try:
            server_writer.write(_SSL_REQUEST)
            assert await server_reader.readexactly(1) == b"S"
            await server_writer.start_tls(context, server_hostname="localhost")
            server_writer.write(await reader.read(65536))
            writer.write(_for_plain(await server_reader.read(65536)))
            await asyncio.gather(_copy(reader, server_writer), _copy(server_reader, writer))
        finally:
            await _close(server_writer)
            await _close(writer)

    async def listen() -> None:
        stop = asyncio.Event()
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            ready.set_result((int(server.sockets[0].getsockname()[1]), asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(listen()), daemon=True)
    thread.start()
    listening, loop, stop = ready.result(60)
    try:
        yield listening
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)


def _for_plain(answer: bytes) -> bytes:
    """The server's first answer, without the mechanism that needs TLS."""
    if answer[:1] != b"R" or answer[5:9] != _SASL or _PLUS not in answer:
        return answer
    rest = answer[5:].replace(_PLUS, b"")
    return b"R" + (len(rest) + 4).to_bytes(4) + rest


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()

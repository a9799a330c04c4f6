"""The few commands of Valkey that the drills need, over the TLS port that the pods use."""

import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self, final


class ValkeyError(Exception):
    """An answer that begins with `-`."""


@final
class ValkeyClient:
    """One connection, signed in."""

    def __init__(self, port: int, password: str, authority: Path) -> None:
        context = ssl.create_default_context(cafile=str(authority))
        raw = socket.create_connection(("localhost", port), timeout=10)
        self._socket = context.wrap_socket(raw, server_hostname="localhost")
        self._file = self._socket.makefile("rb")
        self.ask("AUTH", password)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, *words: str) -> str:
        """Send a command; returns its simple answer. Raises `ValkeyError` for what the server refuses."""
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            encoded = word.encode()
            parts += [f"${len(encoded)}\r\n".encode(), encoded, b"\r\n"]
        self._socket.sendall(b"".join(parts))
        line = self._file.readline().decode().strip()
        if line.startswith("-"):
            raise ValkeyError(line[1:])
        if not line.startswith("$"):
            return line[1:]
        text = self._file.read(int(line[1:]) + 2)
        return text[:-2].decode()

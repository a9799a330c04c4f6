"""A browser cannot choose its own address, so its connections go through somebody who can."""

import socket
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def forwarder(source: str, port: int) -> Generator[int]:
    """Listen on a port of loopback (yielded) and pass every byte on to `port`, from the address `source`."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            viewer: socket.socket = self.request
            with socket.create_connection(("127.0.0.1", port), source_address=(source, 0)) as edge:
                back = threading.Thread(target=_copy, args=(edge, viewer))
                back.start()
                _copy(viewer, edge)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A browser hangs up whenever it likes."""

    with Server(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def _copy(reader: socket.socket, writer: socket.socket) -> None:
    try:
        while chunk := reader.recv(65536):
            writer.sendall(chunk)
        writer.shutdown(socket.SHUT_WR)
    except OSError:
        writer.close()

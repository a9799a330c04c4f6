"""A model server that says its next word only when the test asks for it: what arrives before was held back nowhere."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, final

WORDS: Final = (
    *("alpha", "bravo", "charlie", "delta", "echo", "foxtrot"),
    *("golf", "hotel", "india", "juliett", "kilo", "lima"),
)
_PATIENCE_SECONDS = 60


@final
class Model:
    """Speaks as much of OpenAI's protocol as Flowise's ChatOpenAI node needs, and answers `WORDS` to everything."""

    def __init__(self, url: str) -> None:
        self.url = url
        """Base path for the node."""
        self._turns = threading.Semaphore(0)

    def say_next(self) -> None:
        """Let it say one more word; the last one ends the answer."""
        self._turns.release()

    def wait_for_turn(self) -> bool:
        """Whether it may say one more word; no once nobody has asked for long."""
        return self._turns.acquire(timeout=_PATIENCE_SECONDS)


@contextmanager
def speaking_model() -> Generator[Model]:
    """Listen on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for word in WORDS:
                if not model.wait_for_turn():
                    return
                self._send(_chunk({"content": f"{word} "}, None))
            self._send(_chunk({}, "stop"))
            self._send("[DONE]")

        def _send(self, data: str) -> None:
            self.wfile.write(f"data: {data}\n\n".encode())

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing; Flowise's own log names its calls."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        model = Model(f"http://127.0.0.1:{server.server_address[1]}/v1")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield model
        server.shutdown()


def _chunk(delta: dict[str, str], finish_reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return json.dumps(
        {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "words", "choices": [choice]}
    )

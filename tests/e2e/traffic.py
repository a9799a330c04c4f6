"""Bounded load on loopback: clients that never pause, and connections that mostly do."""

import heapq
import http.client
import json
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(kw_only=True)
class Tally:
    """What came of the requests."""

    good: int = 0
    failures: list[str] = field(default_factory=list[str])


def ask(url: str, flow: str, question: str, seconds: float = 150) -> str:
    """Ask a flow over a connection of its own; returns its answer. Raises `OSError` for a cut or refused one."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=seconds)
    try:
        body = json.dumps({"question": question})
        connection.request("POST", f"/api/v1/prediction/{flow}", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode()
        return str(json.loads(text)["text"]) if response.status == http.HTTPStatus.OK else f"{response.status} {text}"
    finally:
        connection.close()


@contextmanager
def steady(url: str, flow: str, *, clients: int, questions: Sequence[str]) -> Generator[Tally]:
    """Let so many clients ask one question after the other, each over a new connection, while the block runs."""
    tally, stop, lock = Tally(), threading.Event(), threading.Lock()

    def run(number: int) -> None:
        count = number
        while not stop.is_set():
            question = questions[count % len(questions)]
            count += 1
            try:
                answer = ask(url, flow, question)
            except (OSError, http.client.HTTPException) as error:
                answer = repr(error)
            with lock:
                if answer == f"answer:{question.upper()}":
                    tally.good += 1
                else:
                    tally.failures.append(answer)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class Idlers:
    """Kept connections that send a ping, then nothing for a fixed time, and so on, in a thread of their own."""

    def __init__(self, urls: Sequence[str], *, gaps: Sequence[float], seconds: float) -> None:
        """One connection a gap, to the servers in turn; the last request comes before `seconds` are over."""
        self._places = [urlsplit(urls[index % len(urls)]) for index in range(len(gaps))]
        self._gaps = gaps
        self._seconds = seconds
        self.tally = Tally()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> Tally:
        """Wait for the end; returns what came of the requests."""
        self._thread.join()
        return self.tally

    def _run(self) -> None:
        connections = [http.client.HTTPConnection(p.hostname or "", p.port, timeout=30) for p in self._places]
        for connection in connections:
            connection.connect()
            connection.auto_open = 0  # a connection that the server has closed is a failure, and not replaced
        began = time.monotonic()
        due = [(began, index) for index in range(len(connections))]
        while due:
            when, index = heapq.heappop(due)
            time.sleep(max(0, when - time.monotonic()))
            try:
                connections[index].request("GET", "/api/v1/ping")
                answer = connections[index].getresponse().read()
            except (OSError, http.client.HTTPException) as error:
                self.tally.failures.append(f"{error!r} after {self._gaps[index]} s")
                continue
            if answer == b"pong":
                self.tally.good += 1
            else:
                self.tally.failures.append(f"another answer: {answer[:100]!r}")
            # From the answer on: a busy machine must not make the gaps shorter.
            following = time.monotonic() + self._gaps[index]
            if following < began + self._seconds:
                heapq.heappush(due, (following, index))
        for connection in connections:
            connection.close()

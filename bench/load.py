"""Load on loopback: some clients, each over one kept connection, for a fixed time."""

import http.client
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(kw_only=True)
class Load:
    """What came of it."""

    seconds: float = 0
    times: list[float] = field(default_factory=list[float])
    """Milliseconds of every answer that was right."""
    failed: int = 0

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0

    def percentile(self, number: int) -> float:
        """Milliseconds within which so many percent were answered."""
        return statistics.quantiles(self.times, n=100)[number - 1] if len(self.times) > 1 else 0

    def add(self, other: "Load") -> None:
        """Count another run in."""
        self.seconds += other.seconds
        self.times += other.times
        self.failed += other.failed


def load(url: str, flow: str, *, clients: int, seconds: float, question: str = "hi") -> Load:
    """Ask a flow again and again. Clients that wait at the end are waited for, and their answers count."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(_client, url, flow, question, began + seconds) for _ in range(clients)]
    whole = Load()
    for each in running:
        whole.add(each.result())
    whole.seconds = time.perf_counter() - began
    return whole


def _client(url: str, flow: str, question: str, end: float) -> Load:
    found, place = Load(), urlsplit(url)
    body, headers = json.dumps({"question": question}), {"Content-Type": "application/json"}
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    while time.perf_counter() < end:
        began = time.perf_counter()
        try:
            connection.request("POST", f"/api/v1/prediction/{flow}", body, headers)
            response = connection.getresponse()
            right = json.loads(response.read()).get("text") == f"answer:{question.upper()}"
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            right = False
        if right:
            found.times.append((time.perf_counter() - began) * 1000)
        else:
            found.failed += 1
    connection.close()
    return found

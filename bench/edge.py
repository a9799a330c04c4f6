"""The local edge: what it adds to a request, and what compression saves the first load of the UI."""

import re
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from bench.processes import BenchError, BenchReport, run
from local.layout import find_layout
from local.pods import running_containers

_PORT = "18081"
_STACK = "dev"
_PING = "/api/v1/ping"
_WARM, _ALONE, _TOGETHER, _CLIENTS = 50, 300, 800, 8


def measure_edge() -> BenchReport:
    """Start dev, ask the pod directly and through the edge in turn, and load the UI's first page."""
    command = [sys.executable, "-m", "local"]
    run([*command, "up", _STACK, "--port", _PORT])
    try:
        edge, pod = f"http://127.0.0.1:{_PORT}", running_containers(find_layout().stack(_STACK), "server")[0].url
        for url in (pod, edge):
            _latencies(url, _WARM)
        # In turn, so that a slow moment of the machine meets both.
        times: dict[str, list[float]] = {pod: [], edge: []}
        for _ in range(3):
            for url in times:
                times[url] += _latencies(url, _ALONE // 3)
        rows = [
            [name, *_percentiles(times[url]), f"{_throughput(url):.0f}"] for name, url in (("pod", pod), ("edge", edge))
        ]
        added = [f"{statistics.median(times[edge]) - statistics.median(times[pod]):.2f}", _p99(times[edge], times[pod])]
        rows.append(["added by the edge", *added, ""])
        loads = [[how, *_first_load(edge, how)] for how in ("identity", "gzip", "gzip, deflate, br, zstd")]
    finally:
        run([*command, "down", _STACK])
    header = ["asked", "p50 ms", "p99 ms", f"requests/s with {_CLIENTS} clients"]
    return [
        (f"GET {_PING}, {_ALONE} requests one after the other", header, rows),
        ("First load of the sign-in page", ["accepted encoding", "files", "KiB"], loads),
    ]


def _latencies(url: str, count: int) -> list[float]:
    """Ask one after the other over one connection; milliseconds each."""
    found: list[float] = []
    with httpx.Client(base_url=url, trust_env=False) as client:
        for _ in range(count):
            began = time.perf_counter()
            _check(client.get(_PING))
            found.append((time.perf_counter() - began) * 1000)
    return found


def _throughput(url: str) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(_latencies, [url] * _CLIENTS, [_TOGETHER // _CLIENTS] * _CLIENTS))
    return _TOGETHER / (time.perf_counter() - began)


def _percentiles(times: list[float]) -> tuple[str, str]:
    return f"{statistics.median(times):.2f}", f"{statistics.quantiles(times, n=100)[98]:.2f}"


def _p99(slower: list[float], faster: list[float]) -> str:
    return f"{statistics.quantiles(slower, n=100)[98] - statistics.quantiles(faster, n=100)[98]:.2f}"


def _first_load(url: str, encoding: str) -> tuple[str, str]:
    """Count the bytes on the wire of the page and of the files that it names."""
    with httpx.Client(base_url=url, headers={"Accept-Encoding": encoding}, trust_env=False, timeout=60) as client:
        size, todo, seen = 0, ["/signin"], set[str]()
        while todo:
            path = todo.pop()
            with client.stream("GET", path) as response:
                size += len(b"".join(response.iter_raw()))
                _check(response)
            seen.add(path)
            if path == "/signin":
                page = client.get(path, headers={"Accept-Encoding": "identity"}).text
                todo += sorted(set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)) - seen)
    return str(len(seen)), f"{size / 1024:.0f}"


def _check(response: httpx.Response) -> None:
    if not response.is_success:
        raise BenchError(f"{response.request.url}: HTTP {response.status_code}")

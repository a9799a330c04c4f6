"""Recovery of objects: how many a second, against moto in a process of its own."""

import logging
import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest import mock

from moto import mock_aws
from moto.server import ThreadedMotoServer

from bench.processes import BenchError, BenchReport, run
from ops.moments import format_timestamp
from tests.ops.bucket_history import START, BucketHistory, light_listings

_KEYS = 2000
_VERSIONS = 4
_MOMENT = START + timedelta(seconds=1000)


def measure_ops() -> BenchReport:
    """Bring every key back out of 4 versions, with more and more workers; then find that nothing is left to do."""
    rows: list[list[str]] = []
    with _server() as environment:
        for workers in (1, 8, 32):
            bucket = _bucket(f"flowise-{workers}")
            with tempfile.TemporaryDirectory() as directory:
                moment = ["--bucket", bucket.name, "--prefix", "", "--to", format_timestamp(_MOMENT)]
                command = ["-m", "ops", "recover-objects", *moment, "--workers", str(workers)]
                report = ["--report", str(Path(directory) / "report.jsonl")]
                for name, options in (
                    ("dry run", []),
                    ("recovery", [*report, "--execute", "--yes"]),
                    ("again", [*report, "--execute"]),
                ):
                    timing = run([sys.executable, *command, *options], environment=environment)
                    rate = f"{_KEYS / timing.seconds:.0f}"
                    rows.append([name, str(workers), f"{timing.seconds:.1f}", rate, f"{timing.peak_mib:.0f}"])
            if bucket.holds() != bucket.held_at(_MOMENT):
                raise BenchError(f"{bucket.name} is not what it was")
    title = f"`ops recover-objects`, {_KEYS * _VERSIONS} versions of {_KEYS} keys"
    return [(title, ["run", "workers", "seconds", "keys/s", "peak MiB"], rows)]


@contextmanager
def _server() -> Generator[dict[str, str]]:
    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    with mock.patch.dict(os.environ, credentials), mock_aws(), light_listings(1000):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield os.environ | {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "NO_PROXY": "*"}
        finally:
            server.stop()


def _bucket(name: str) -> BucketHistory:
    bucket = BucketHistory(name).make()
    for number in range(_KEYS):
        key = f"files/{number:05}"
        for version in range(_VERSIONS - 1):
            bucket.put(key, START + timedelta(seconds=400 * version), b"%d" % version)
        bucket.delete(key, _MOMENT + timedelta(seconds=5))
    return bucket

"""A recovery that is killed half way, as a process of its own against a moto server, and started again."""

import logging
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from moto.server import ThreadedMotoServer

from analysis.stackfiles import ROOT
from ops.moments import format_timestamp
from tests.ops.bucket_history import START, BucketHistory, random_history

SECONDS = 2000
MOMENT = START + timedelta(seconds=SECONDS // 2)
WORKERS = 16


def kill_and_go_on(bucket: BucketHistory, *, versions: int, directory: Path) -> None:
    """Make a history, recover, kill it half way, recover again; the result must be exact and nothing lost."""
    random_history(bucket, seed=versions, versions=versions, seconds=SECONDS)
    before, expected = bucket.ids(), bucket.held_at(MOMENT)
    held = bucket.holds()
    wrong = {key for key in before if held.get(key) != expected.get(key)}
    assert len(wrong) > versions // 20
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environment = os.environ | {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "NO_PROXY": "*"}
        arguments = ["--bucket", bucket.name, "--prefix", "", "--to", format_timestamp(MOMENT), "--execute", "--yes"]
        command = [sys.executable, "-m", "ops", "recover-objects", *arguments, "--workers", str(WORKERS)]
        command += ["--report", str(directory / "report.jsonl")]

        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and _made(bucket, before) < len(wrong) // 2:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, "it ended before it was killed"
        half = _settled(bucket, before)
        assert 0 < half < len(wrong)
        assert bucket.holds() != expected

        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        server.stop()
    after = bucket.ids()
    assert bucket.holds() == expected
    assert {key: after[key][: len(ids)] for key, ids in before.items()} == before, "no version is lost"
    again = _made(bucket, before) - len({key for key in after if after[key] != before[key]})
    assert again <= WORKERS, "only what was under way when it was killed is copied twice"


def _settled(bucket: BucketHistory, before: dict[str, list[str]]) -> int:
    """What is made when the server has finished what it was asked for."""
    made = -1
    while made != (now := _made(bucket, before)):
        made = now
        time.sleep(0.25)
    return made


def _made(bucket: BucketHistory, before: dict[str, list[str]]) -> int:
    return sum(len(bucket.versions(key)) - len(ids) for key, ids in before.items())

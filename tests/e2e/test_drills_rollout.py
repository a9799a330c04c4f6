"""Pods come and go under load: nobody notices, and a schedule runs once."""

import itertools
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from tests.e2e.drills import Drill, until
from tests.e2e.traffic import ask, steady

STACKS = {"prod"}
_LOAD_SECONDS = 60
_MIXED = ("hello", "again", "wait 1500 a second and a half", "hello", "wait 6000 six seconds")
_TICKS = 2


@pytest.fixture(scope="module")
def scheduled(drill: Drill) -> Iterator[str]:
    """A flow that runs every minute, made before the pods come and go."""
    with drill.local_env.login() as api:
        yield api.create_scheduled_flow("every minute")


@pytest.mark.usefixtures("scheduled")
def test_requests_in_flight_survive_sigterm(drill: Drill) -> None:
    begun = len(drill.jobs("Processing"))
    server = drill.servers[0]
    questions = [f"wait 3000 request {number}" for number in range(8)]
    with ThreadPoolExecutor(len(questions)) as pool:
        waiting = [pool.submit(ask, server.url, drill.flow, question) for question in questions]
        until(lambda: len(drill.jobs("Processing")) >= begun + len(questions), "all requests are in flight")
        os.kill(server.pid, signal.SIGTERM)
        answers = [each.result() for each in waiting]
    assert sorted(answers) == sorted(f"answer:{question.upper()}" for question in questions)
    until(lambda: server.pid not in [each.pid for each in drill.servers], "the server has ended")
    drill.until_all_serve()


@pytest.mark.usefixtures("scheduled")
def test_a_rolling_restart_loses_no_request(drill: Drill) -> None:
    before = {server.pod for server in drill.servers}
    began = time.monotonic()
    with steady(drill.local_env.url, drill.flow, clients=8, questions=_MIXED) as tally:
        with drill.changing("restart", drill.local_env.stack, "server"):
            pass
        after = {server.pod for server in drill.servers}
        time.sleep(max(0, began + _LOAD_SECONDS - time.monotonic()))
    assert len(after) == 2
    assert not after & before
    assert tally.failures == []
    assert tally.good > 8 * len(_MIXED)


def test_two_servers_run_a_schedule_once_a_minute(drill: Drill, scheduled: str) -> None:
    until(lambda: len(_minutes(drill, scheduled)) > _TICKS, f"{_TICKS} ticks and the beginning of the next", 240)
    minutes = _minutes(drill, scheduled)
    assert set(minutes.values()) == {1}, minutes
    gaps = {(later - earlier).total_seconds() for earlier, later in itertools.pairwise(sorted(minutes))}
    assert gaps == {60}, minutes


def _minutes(drill: Drill, flow: str) -> "Counter[datetime]":
    """How often the schedule ran in each minute; what Flowise itself skipped did not run."""
    rows = drill.rows(
        "SELECT date_trunc('minute', \"scheduledAt\") FROM schedule_trigger_log "
        "WHERE \"targetId\"::text = %s AND status <> 'SKIPPED'",
        flow,
    )
    return Counter(row[0] for row in rows)

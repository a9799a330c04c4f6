"""What breaks in production, broken on purpose: queue, database, a worker, a full queue; nobody lends a hand.

Connections that the load balancer would keep stay open underneath all of it.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.drills import Drill, until
from tests.e2e.traffic import Idlers, ask

STACKS = {"prod"}
PROMISE_SECONDS = 60
"""In so much time after a back end is back, predictions work again."""
_DOWN_SECONDS = 12
_JOBS = "bull:flowise-queue-prediction"
_GAPS = (4, 7, 12, 20, 35, 70)
_EACH = 11
"""Connections of each gap: 506 requests in 74 s."""


@pytest.fixture(scope="module")
def idlers(drill: Drill) -> Iterator[Idlers]:
    """Kept connections to both servers, past the edge, as a load balancer has them."""
    idlers = Idlers([server.url for server in drill.servers], gaps=_GAPS * _EACH, seconds=74)
    yield idlers
    idlers.join()


@pytest.fixture(scope="module")
def restarts_before(drill: Drill, idlers: Idlers) -> int:
    """Containers that were started again before the drills of this module."""
    del idlers
    return drill.restarts


@pytest.mark.parametrize("backend", ["queue", "database"])
def test_predictions_work_again_soon_after_an_outage_and_no_pod_restarts(
    drill: Drill, restarts_before: int, backend: str
) -> None:
    seen: list[str] = []
    with drill.changing("outage", drill.local_env.stack, backend, "--seconds", str(_DOWN_SECONDS)):
        until(lambda: _is_down(drill, backend), f"{backend} is down")
        if backend == "database":  # with no queue a prediction waits, and is answered after the outage
            seen = [drill.answers(server.url) for server in drill.servers]
    back = time.monotonic()
    assert all("HTTP 500" in answer and "ECONNREFUSED" in answer for answer in seen), seen
    for server in drill.servers:
        until(lambda url=server.url: not drill.answers(url), f"{server.pod} answers", PROMISE_SECONDS)
    assert time.monotonic() - back < PROMISE_SECONDS  # the promise itself: the only time that a drill asserts
    assert drill.restarts == restarts_before


def test_a_full_queue_says_so_and_recovers(drill: Drill, restarts_before: int) -> None:
    with drill.valkey() as valkey:
        assert valkey.ask("CONFIG", "SET", "maxmemory", "1mb") == "OK"
        try:
            answers = [drill.answers(server.url) for server in drill.servers]
        finally:
            assert valkey.ask("CONFIG", "SET", "maxmemory", "0") == "OK"
    for answer in answers:
        assert "HTTP 500" in answer
        assert "OOM command not allowed" in answer
    for server in drill.servers:
        until(lambda url=server.url: not drill.answers(url), f"{server.pod} answers", PROMISE_SECONDS)
    assert drill.restarts == restarts_before


def test_kept_connections_are_never_reset(drill: Drill, restarts_before: int, idlers: Idlers) -> None:
    tally = idlers.join()
    assert tally.failures == []
    assert tally.good >= 500
    assert drill.restarts == restarts_before


def test_jobs_of_a_killed_worker_are_done_by_another_and_none_twice(drill: Drill) -> None:
    done_before = set(drill.jobs("Completed"))
    begun_before = len(drill.jobs("Processing"))
    with drill.local_env.login() as api:
        flow = api.create_agent_flow("worker killed")
    questions = [f"wait 8000 job {number}" for number in range(8)]
    with ThreadPoolExecutor(len(questions)) as pool:
        waiting = [pool.submit(ask, drill.local_env.url, flow, question) for question in questions]
        until(lambda: len(drill.jobs("Processing")) >= begun_before + len(questions), "all jobs are under way")
        victim, lost = _busiest(drill, done_before)
        os.kill(victim, signal.SIGKILL)
        answers = [each.result() for each in waiting]
    assert lost
    assert sorted(answers) == sorted(f"answer:{question.upper()}" for question in questions)
    # Nothing twice: every job ended once, and left one answer and one finished execution.
    ended = [job for job in drill.jobs("Completed") if job not in done_before]
    assert len(ended) == len(set(ended)) == len(questions)
    assert set(lost) <= set(ended)
    said = drill.rows("SELECT count(*) FROM chat_message WHERE chatflowid::text = %s AND role = 'apiMessage'", flow)
    finished = drill.rows(
        "SELECT count(*) FROM execution WHERE \"agentflowId\"::text = %s AND state = 'FINISHED'", flow
    )
    assert (said, finished) == ([(len(questions),)], [(len(questions),)])
    drill.until_all_serve()


def test_predictions_that_the_queue_has_lost_end_with_an_error(drill: Drill) -> None:
    """The last of the file: its jobs have begun and never end, which the drill of the killed worker would count."""
    restarted = drill.restarts  # the worker that was killed
    begun_before = set(drill.jobs("Processing"))
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(drill.outcome, server.url, f"wait 30000 lost {number}", streaming=number == 0)
            for number, server in enumerate([*drill.servers, *drill.servers])
        ]
        until(lambda: len(set(drill.jobs("Processing")) - begun_before) >= len(waiting), "all jobs are under way")
        with drill.valkey() as valkey:
            for job in set(drill.jobs("Processing")) - begun_before:  # as an empty Valkey has them: not at all
                valkey.ask("DEL", f"{_JOBS}:{job}", f"{_JOBS}:{job}:lock")
                valkey.ask("LREM", f"{_JOBS}:active", "0", job)
        outcomes = [each.result(timeout=90) for each in waiting]
    assert all("the queue has lost this job" in outcome for outcome in outcomes), outcomes
    for server in drill.servers:
        until(lambda url=server.url: not drill.answers(url), f"{server.pod} answers", PROMISE_SECONDS)
    assert drill.restarts == restarted


def _is_down(drill: Drill, backend: str) -> bool:
    events = (drill.stack.events).read_text().splitlines()
    last = [line for line in events if f'-{backend}", "state"' in line][-1]
    return '"exited"' in last


def _busiest(drill: Drill, done: set[str]) -> tuple[int, list[str]]:
    """The worker that has most jobs under way, and these jobs."""
    found: list[tuple[int, list[str]]] = []
    for worker in drill.workers:
        log = drill.local_env.log(f"{worker.pod}.")
        begun = drill.jobs_in(log, "Processing")
        ended = set(drill.jobs_in(log, "Completed")) | done
        found.append((worker.pid, [job for job in begun if job not in ended]))
    return max(found, key=lambda each: len(each[1]))

"""What finished jobs leave in a real Valkey is bounded: the jobs that are kept, and the messages about all."""

import re
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.drills import Drill

STACKS = {"prod"}
EVENTS = "bull:flowise-queue-prediction:events"
PREDICTIONS, FLOW_KIB = 100, 200
MOST_BYTES = 20 * FLOW_KIB * 1024
"""Five kept jobs (`queue.kept_jobs`), those that have just ended, and as much again; 100 would be five times that."""
MOST_MESSAGES = 3200
SLACK = 100
"""Entries of one node of a stream, up to which Valkey trims it (`stream-node-max-entries`)."""


def test_predictions_of_a_large_flow_leave_no_more_than_the_kept_jobs(drill: Drill) -> None:
    with drill.local_env.login() as api, ThreadPoolExecutor(8) as clients:
        flow = api.create_agent_flow("large", padding_kib=FLOW_KIB)
        api.predict(flow, "first")
        before = of_jobs(drill)
        asked = [clients.submit(api.predict, flow, f"question {number}") for number in range(PREDICTIONS)]
        assert [each.result() for each in asked] == [f"answer:QUESTION {number}" for number in range(PREDICTIONS)]
    assert of_jobs(drill) - before < MOST_BYTES


def test_messages_about_jobs_are_bounded(drill: Drill) -> None:
    with drill.valkey() as valkey:
        for _ in range(MOST_MESSAGES + 10 * SLACK):
            valkey.ask("XADD", EVENTS, "*", "event", "drained")
        with drill.local_env.login() as api:
            assert api.predict(drill.flow, "hi") == "answer:HI"
        assert int(valkey.ask("XLEN", EVENTS)) < MOST_MESSAGES + 2 * SLACK


def of_jobs(drill: Drill) -> int:
    """Bytes of data in Valkey, without the messages about jobs."""
    with drill.valkey() as valkey:
        (found,) = re.findall(r"^used_memory_dataset:(\d+)", valkey.ask("INFO", "memory"), re.MULTILINE)
        return int(found) - int(valkey.ask("MEMORY", "USAGE", EVENTS, "SAMPLES", "0"))

"""What commands ask of a running daemon, and what it answers."""

import fcntl
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from local import requests
from local.errors import LocalError
from local.events import Event, EventLog
from local.layout import StackLayout
from local.requests import ControlRequest, ask, take


@pytest.fixture
def daemon(stack: StackLayout) -> Iterator[Callable[[str], None]]:
    """This process stands for the daemon; the function given says how the next request ends."""
    events = EventLog(stack.events)
    events.emit("ready", url="", owner="", components=[], seconds=1)
    stack.daemon.write_text(json.dumps({"pid": os.getpid(), "port": 1, "url": ""}))
    answers: list[str] = []
    asked = threading.Event()

    def serve() -> None:
        asked.wait(20)
        for request in take(stack):
            message = answers[0]
            events.emit("pod", pod="server-2", container="server", state="ready", detail="")
            state = "failed" if message else "done"
            events.emit("request", id=request.id, state=state, message=message, hint="Do this.")

    thread = threading.Thread(target=serve)

    def notice(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = signal.signal(requests.SIGNAL, notice)
    thread.start()
    with stack.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield answers.append
    asked.set()
    thread.join()
    signal.signal(requests.SIGNAL, before)
    events.close()


def test_a_request_is_done_and_events_are_shown_meanwhile(stack: StackLayout, daemon: Callable[[str], None]) -> None:
    daemon("")
    shown: list[Event] = []
    ask(stack, "scale", "server", 2, show=shown.append)
    assert [event["kind"] for event in shown] == ["pod"]
    assert take(stack) == []


def test_what_went_wrong_comes_back_with_what_to_do(stack: StackLayout, daemon: Callable[[str], None]) -> None:
    daemon("no such Deployment")
    with pytest.raises(LocalError, match="no such Deployment") as caught:
        ask(stack, "restart", "worker", show=lambda _: None)
    assert caught.value.hint == "Do this."


def test_a_stack_that_is_not_up_cannot_be_asked(stack: StackLayout) -> None:
    with pytest.raises(LocalError, match="is not up") as caught:
        ask(stack, "outage", "queue", 5, show=lambda _: None)
    assert f"make local STACK={stack.name}" in caught.value.hint


def test_requests_are_taken_once(stack: StackLayout) -> None:
    stack.requests.mkdir()
    (stack.requests / "1.json").write_text('{"id": "1", "operation": "outage", "target": "queue", "amount": 3}')
    assert take(stack) == [ControlRequest(id="1", operation="outage", target="queue", amount=3)]
    assert take(stack) == []

"""What a running environment's containers are, from its event log."""

import os

from local.events import EventLog
from local.layout import StackLayout
from local.pods import restarts, running_containers


def test_only_what_runs_is_found_by_its_last_process(stack: StackLayout) -> None:
    me, parent = os.getpid(), os.getppid()
    events = EventLog(stack.events)
    for pod, container, state, detail in (
        ("server-0", "server", "started", f"pid {parent}"),
        ("server-1", "server", "started", f"pid {parent}"),
        ("worker-0", "worker", "started", f"pid {me}"),
        ("server-0", "server", "exited", "signal 9"),
        ("server-0", "server", "restarted", f"pid {me}"),
        ("server-0", "server", "ready", ""),
        ("server-1", "server", "stopped", ""),
    ):
        events.emit("pod", pod=pod, container=container, state=state, detail=detail)
    events.close()
    assert [(each.pod, each.pid) for each in running_containers(stack, "server")] == [("server-0", me)]
    assert [each.pod for each in running_containers(stack, "worker")] == ["worker-0"]
    assert restarts(stack) == 1


def test_a_process_tells_its_environment_and_user(stack: StackLayout) -> None:
    events = EventLog(stack.events)
    events.emit("pod", pod="server-0", container="server", state="started", detail=f"pid {os.getpid()}")
    events.close()
    (found,) = running_containers(stack, "server")
    assert found.environment["PATH"]
    assert found.status("Uid").split()[0] == str(os.getuid())

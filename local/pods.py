"""The containers of a running environment, as its event log and the kernel know them: for drills and measurements."""

from dataclasses import dataclass
from pathlib import Path

from local.events import read_events
from local.layout import StackLayout

_RUNS = frozenset({"started", "restarted"})


@dataclass(frozen=True, kw_only=True)
class RunningContainer:
    """One container's process."""

    pod: str
    container: str
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """What the process was started with. It holds secrets."""
        block = Path(f"/proc/{self.pid}/environ").read_bytes().decode()
        return dict(entry.split("=", 1) for entry in block.split("\0") if "=" in entry)

    @property
    def url(self) -> str:
        """Where the pod itself answers, past edge and Service."""
        environment = self.environment
        return f"http://{environment['HOST']}:{environment.get('PORT', '3000')}"

    def status(self, key: str) -> str:
        """A line of the kernel's status of the process, such as `VmHWM` or `Uid`."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith(f"{key}:"))


def running_containers(stack: StackLayout, container: str) -> list[RunningContainer]:
    """Return the processes of all containers of this name, by age."""
    found: dict[str, RunningContainer] = {}
    for event in read_events(stack.events):
        if event["kind"] != "pod" or event["container"] != container:
            continue
        found.pop(event["pod"], None) if event["state"] in {"exited", "stopped", "completed"} else None
        if event["state"] in _RUNS:
            pid = int(event["detail"].split()[1])
            found[event["pod"]] = RunningContainer(pod=event["pod"], container=container, pid=pid)
    return [each for each in found.values() if Path(f"/proc/{each.pid}").exists()]


def restarts(stack: StackLayout) -> int:
    """Count how often a container of this start was started again."""
    return sum(event["kind"] == "pod" and event["state"] == "restarted" for event in read_events(stack.events))

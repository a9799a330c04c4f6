"""The daemon of one environment: `python -m local.daemon STACK`, started by `up`, ended by SIGTERM."""

import asyncio
import fcntl
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any, final

from analysis.program import run_main
from analysis.recorder import Recording, record
from analysis.stackfiles import StackConfig, read_stack
from local import requests
from local.cloud import LocalProvider
from local.environment import LocalEnvironment
from local.errors import LocalError
from local.events import EventLog
from local.layout import StackLayout, find_layout
from local.local_overrides import local_overrides, notes
from local.owner import write_owner
from local.processes.child import sweep
from local.summary import summarise

_DEFAULT_REGION = "us-east-1"
_GRACE_SECONDS = 0.5
_PROGRAM_SECONDS = 20
"""How long the program may take to notice that the environment stops."""


@final
class Daemon:
    """Runs the program, keeps what it made running, and stops it."""

    def __init__(self, stack: StackLayout, config: StackConfig, events: EventLog) -> None:
        self._stack = stack
        self._config = config
        self._events = events
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Stop in order, at any time, also during the start."""
        self._stop.set()

    async def run(self, local_env: LocalEnvironment, cloud: LocalProvider) -> int:
        """Start, stay until SIGTERM or a fatal error, stop; return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(requests.SIGNAL, local_env.serve)
        stop = asyncio.create_task(self._stop.wait())
        program = self._run_program(cloud)
        start = asyncio.create_task(self._start(local_env, program))
        code = 0
        try:
            await _first(stop, start, local_env.supervisor.fatal)
            if not stop.done():
                await _first(stop, local_env.supervisor.fatal)
        except Exception as error:  # noqa: BLE001  # whatever it is, the person must read it and nothing may be left
            code = 1
            traceback.print_exception(error)  # into the daemon's own log
            # A back end that died explains what failed because of it.
            died, _ = await asyncio.wait([local_env.supervisor.fatal], timeout=_GRACE_SECONDS)
            root = local_env.supervisor.fatal.exception() if died else None
            self._fail(root or cloud.failure or error)
        finally:
            self._events.emit("stopping")
            start.cancel()
            cloud.close()
            await asyncio.wait([program], timeout=_PROGRAM_SECONDS)
            await local_env.stop()
            self._stack.daemon.unlink(missing_ok=True)
        self._events.emit("stopped", code=code)
        return code

    def _run_program(self, cloud: LocalProvider) -> "asyncio.Future[Recording]":
        """Run the program exactly as `pulumi up` would, in a thread of its own."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Recording] = loop.create_future()
        # Asked for, so that asyncio does not print an exception that `stop` made nobody wait for.
        future.add_done_callback(lambda done: None if done.cancelled() else done.exception())

        def run() -> None:
            try:
                recording = record(
                    run_main,
                    cloud,
                    config=self._config.values,
                    secret_keys=self._config.secret_keys,
                    project=self._config.project,
                    stack_name=self._config.stack,
                    expansions=_expansions(),
                )
            except BaseException as error:  # noqa: BLE001  # the program may call sys.exit
                loop.call_soon_threadsafe(future.set_exception, _as_exception(error))
            else:
                loop.call_soon_threadsafe(future.set_result, recording)

        threading.Thread(target=run, name="program", daemon=True).start()
        return future

    async def _start(self, local_env: LocalEnvironment, program: "asyncio.Future[Recording]") -> None:
        with self._events.phase("program"):
            recording = await asyncio.shield(program)
        if not local_env.edge.is_open:  # a stack without a CDN ends at its load balancer
            await local_env.open_edge()
        owner = write_owner(local_env.store, local_env.edge.url, self._stack.owner)
        local_env.supervisor.up()
        self._events.emit(
            "ready",
            url=local_env.edge.url,
            owner=str(self._stack.owner) if owner else "",
            components=summarise(recording),
            not_emulated=local_env.edge.not_emulated,
            seconds=self._events.seconds,
        )

    def _fail(self, error: BaseException) -> None:
        sys.stderr.flush()
        # By name, because importing the settings means importing every component: seconds, before a person reads why.
        if (type(error).__module__, type(error).__name__) == ("settings", "SettingsError"):
            error = LocalError(
                str(error), hint=f"Correct Pulumi.{self._config.stack}.yaml (or --set), then start again."
            )
        if not isinstance(error, LocalError):
            hint = "This comes from the program or from the local environment itself; the log has the whole traceback."
            error = LocalError(f"{type(error).__name__}: {error}", hint=hint, log=self._stack.logs / "daemon.log")
        log = str(error.log) if error.log else ""
        self._events.emit("failed", message=error.message, hint=error.hint, log=log, tail=error.tail)


async def _first(*waiting: "asyncio.Future[Any]") -> None:
    """Wait for the first to be done, and raise what any of them raised."""
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        if each.done() and not each.cancelled() and (error := each.exception()):
            raise error


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(f"the program ended itself: {error!r}")


def _expansions() -> Any:
    from analysis.remote import EXPANSIONS  # noqa: PLC0415  # with the program's own imports, off the start's critical path

    return EXPANSIONS


def _isolate() -> None:
    """Keep the daemon away from real accounts, and its loopback traffic away from proxies."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "localhost", "127.0.0.1"]))
    os.umask(0o022)  # pods under another user read the packages


async def _main(stack_name: str, port: int, replicas: int, observe: bool, settings: Sequence[str]) -> int:
    layout = find_layout()
    stack = layout.stack(stack_name)
    stack.make()
    lock = stack.lock.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another daemon runs this stack", file=sys.stderr)
        return 1
    sweep(stack.children)
    events = EventLog(stack.events)
    config = read_stack(stack_name)
    for note in notes(config):
        events.emit("note", text=note)
    config = local_overrides(config, settings, observe=observe)
    from analysis.synthetic import SyntheticProvider  # noqa: PLC0415
    from local.aws import MotoCloud  # noqa: PLC0415  # slow

    region = config.values.get("aws:region", _DEFAULT_REGION)
    local_env = LocalEnvironment(
        layout, stack, events, region=region, port=port, replicas=replicas, observe=observe, aws=MotoCloud
    )
    loop = asyncio.get_running_loop()
    cloud = LocalProvider(local_env, SyntheticProvider(), loop, local_env.clients)
    with lock:
        return await Daemon(stack, config, events).run(local_env, cloud)


def main() -> None:
    """Run the daemon; arguments: stack, edge port, replicas, `observe` or `-`, changed settings."""
    stack, port, replicas, observe, *settings = sys.argv[1:]
    _isolate()
    code = asyncio.run(_main(stack, int(port), int(replicas), observe == "observe", settings))
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a thread of the program that hangs in a provider call must not keep a stopped daemon alive.
    os._exit(code)


if __name__ == "__main__":
    main()

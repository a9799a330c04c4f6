"""What the drills share: an environment in queue mode with two servers and two workers, and ways to look into it."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from local.layout import StackLayout
from local.pods import RunningContainer, restarts, running_containers
from tests.e2e.environment import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi, FlowiseError
from tests.e2e.traffic import ask
from tests.e2e.valkey_client import ValkeyClient

UID = 1000
PATIENCE_SECONDS = 150
"""A slow machine makes a drill slow, not red."""


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not: {what}"
        time.sleep(0.2)


@dataclass(kw_only=True)
class Drill:
    """The environment that the drills break."""

    local_env: LocalEnvironment
    flow: str
    """A flow that answers the question in upper case."""

    @property
    def stack(self) -> StackLayout:
        """Its files."""
        return StackLayout(name=self.local_env.stack, dir=self.local_env.directory)

    @property
    def servers(self) -> list[RunningContainer]:
        """Running servers."""
        return running_containers(self.stack, "server")

    @property
    def workers(self) -> list[RunningContainer]:
        """Running workers."""
        return running_containers(self.stack, "worker")

    @property
    def restarts(self) -> int:
        """How often a container was started again since the environment came up."""
        return restarts(self.stack)

    def change(self, *words: str) -> "subprocess.Popen[str]":
        """Begin `python -m local WORDS`."""
        return self.local_env.begin(*words)

    @contextmanager
    def changing(self, *words: str) -> Generator[None]:
        """Run `python -m local WORDS` beside the block; it must succeed."""
        with self.change(*words) as process:
            try:
                yield
                output, _ = process.communicate(timeout=2 * PATIENCE_SECONDS)
            finally:
                process.kill()
        assert process.returncode == 0, output

    def scale(self, deployment: str, replicas: int) -> None:
        """Change the number of pods and wait for them."""
        with self.changing("scale", self.local_env.stack, deployment, str(replicas)):
            pass

    def answers(self, url: str) -> str:
        """Ask a server a question; returns what went wrong, or nothing."""
        try:
            with FlowiseApi(url) as api:
                return "" if api.predict(self.flow, "hi") == "answer:HI" else "another answer"
        except FlowiseError as error:
            return str(error)
        except OSError as error:
            return repr(error)

    def outcome(self, url: str, question: str, *, streaming: bool) -> str:
        """Ask a server a question; returns the whole answer as text, whatever it is."""
        if not streaming:
            return ask(url, self.flow, question)
        with FlowiseApi(url) as api:
            return " ".join(str(event) for event in api.predict_stream(self.flow, question))

    def until_all_serve(self) -> None:
        """Wait until both servers answer predictions, and no container is about to be started again."""
        until(lambda: len(self.servers) == 2 and len(self.workers) == 2, "two servers and two workers run")
        for server in self.servers:
            until(lambda url=server.url: not _quietly(self.answers, url), f"{server.pod} answers")

    def jobs(self, what: str) -> list[str]:
        """Ids of prediction jobs that the workers have written `what` about (Processing, Completed)."""
        return self.jobs_in(self.local_env.log("worker"), what)

    def jobs_in(self, log: str, what: str) -> list[str]:
        """The same in one log."""
        return re.findall(rf"{what} job (\S+) in flowise-queue-prediction", log)

    def rows(self, query: str, *values: object, database: str = "flowise") -> list[tuple[Any, ...]]:
        """Ask the database, as Flowise's own role."""
        with self.connect(database) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def connect(self, database: str, *, administrator: bool = False) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection as Flowise's role, or as the superuser that RDS keeps to itself."""
        user, password = "flowise", self.servers[0].environment["DATABASE_PASSWORD"]
        if administrator:
            user, password = "rdsadmin", json.loads(self.stack.state.read_text())["postgres:database"]
        return psycopg.connect(
            host="localhost",
            port=int(self.local_env.endpoints()["database"]),
            user=user,
            password=password,
            dbname=database,
            sslmode="verify-full",
            sslrootcert=str(self.local_env.authority),
            autocommit=True,
        )

    def valkey(self) -> ValkeyClient:
        """A connection to the queue."""
        environment = self.servers[0].environment
        return ValkeyClient(int(environment["REDIS_PORT"]), environment["REDIS_PASSWORD"], self.local_env.authority)

    def start_script(
        self, words: Sequence[str], environment: Mapping[str, str], output: int = subprocess.PIPE
    ) -> "subprocess.Popen[str]":
        """Start `node WORDS` as a pod would, with a server's environment and these changes, as the pods' user."""
        server = self.servers[0]
        known = {name: value for name, value in server.environment.items() if name != "NODE_OPTIONS"}
        return subprocess.Popen(
            ["node", *words],
            cwd=self.local_env.image,
            env={name: value for name, value in {**known, **environment}.items() if value},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            user=UID if os.geteuid() == 0 else None,
            group=UID if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
        )


def _quietly(ask: Callable[[str], str], url: str) -> str:
    try:
        return ask(url)
    except Exception as error:  # noqa: BLE001  # httpx's own, while it starts
        return repr(error)

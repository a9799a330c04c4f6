"""A second Flowise beside a running environment: the same image, with a database, a bucket and a key of its own."""

import json
import secrets
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.e2e.drills import PATIENCE_SECONDS, Drill, until
from tests.e2e.environment import free_port

_STOP_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class SecondFlowise:
    """It does not run until it is asked to."""

    drill: Drill
    """Of the environment beside it; without a queue, whose workers would take the jobs of both."""

    name: str
    """Of database and bucket."""

    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """Its FLOWISE_SECRETKEY_OVERWRITE."""

    @property
    def dsn(self) -> str:
        """Its database, for libpq."""
        place = f"host=localhost port={self.drill.local_env.endpoints()['database']} user=flowise dbname={self.name}"
        return f"{place} sslmode=verify-full sslrootcert={self.drill.local_env.authority}"

    def migrate(self) -> None:
        """Make the tables, with Flowise's own migrations, as the Job does."""
        version = json.loads((self.drill.local_env.image / "package.json").read_text())["dependencies"]["flowise"]
        self._finish("scripts/migrate.cjs", {**self._own, "FLOWISE_VERSION": str(version)})

    def register(self, url: str, email: str, password: str) -> None:
        """Make the owner's account, as the Job does."""
        account = {"FLOWISE_OWNER_NAME": "Owner", "FLOWISE_OWNER_EMAIL": email, "FLOWISE_OWNER_PASSWORD": password}
        self._finish("scripts/owner.cjs", {"FLOWISE_URL": url, **account})

    @contextmanager
    def running(self) -> Generator[str]:
        """Start a server; yields its address and stops it in the end."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        options = self.drill.servers[0].environment["NODE_OPTIONS"]
        own = {"NODE_OPTIONS": options, **self._own, "HOST": "127.0.0.1", "PORT": str(port)}
        with tempfile.TemporaryFile("w+") as log:
            words = ("node_modules/flowise/bin/run", "start")
            server = self.drill.start_script(words, own, log.fileno())
            try:
                until(lambda: server.poll() is not None or _answers(url), f"{url} answers")
                log.seek(0)
                assert server.poll() is None, log.read()
                yield url
            finally:
                server.terminate()
                _wait(server)

    @property
    def _own(self) -> dict[str, str]:
        return {
            "DATABASE_NAME": self.name,
            "S3_STORAGE_BUCKET_NAME": self.name,
            "FLOWISE_SECRETKEY_OVERWRITE": self.key,
        }

    def _finish(self, script: str, environment: Mapping[str, str]) -> None:
        job = self.drill.start_script([script], environment)
        try:
            output = job.communicate(timeout=PATIENCE_SECONDS)[0]
        finally:
            job.kill()
        assert job.returncode == 0, output


@contextmanager
def second_flowise(drill: Drill, name: str) -> Generator[SecondFlowise]:
    """Make the database, without tables, and the bucket; remove both in the end."""
    with drill.connect("postgres", administrator=True) as connection, drill.local_env.s3() as s3:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name} OWNER flowise".encode())
        s3.create_bucket(Bucket=name)
        try:
            yield SecondFlowise(drill=drill, name=name)
        finally:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
                for entry in page.get("Contents", []):
                    s3.delete_object(Bucket=name, Key=entry.get("Key", ""))
            s3.delete_bucket(Bucket=name)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def _wait(server: "subprocess.Popen[str]") -> None:
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()

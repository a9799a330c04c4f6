"""One stack of the local environment, as a person starts it and looks into it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3

from analysis.stackfiles import ROOT
from tests.e2e.flowise_api import FlowiseApi

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class LocalEnvironment:
    """One stack of the local environment, in some checkout."""

    stack: str
    port: int
    checkout: Path = ROOT
    options: tuple[str, ...] = ()
    """What every start of it says besides."""

    @property
    def directory(self) -> Path:
        """Files of the stack."""
        return (self.checkout / ".local" / self.stack).resolve()

    @property
    def url(self) -> str:
        """Where Flowise answers."""
        return f"http://localhost:{self.port}"

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m local ...` as a person would."""
        return subprocess.run(
            [sys.executable, "-m", "local", *arguments],
            cwd=self.checkout,
            env=os.environ | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begin `python -m local ...`, to be waited for later."""
        return subprocess.Popen(
            [sys.executable, "-m", "local", *arguments],
            cwd=self.checkout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def image(self) -> Path:
        """The image's tree: /opt/flowise in a container."""
        return self.directory.parent / "image"

    @property
    def authority(self) -> Path:
        """Certificates that the pods trust for database and queue."""
        return self.image / "certs" / "rds.pem"

    def up(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Start it."""
        functions = (
            "--set",
            'app.code_execution="sandbox"',
        )  # flows of the tests answer by a function, without a model
        return self.command("up", self.stack, "--port", str(self.port), *functions, *self.options, *options)

    def down(self) -> subprocess.CompletedProcess[str]:
        """Stop it."""
        return self.command("down", self.stack)

    def owner(self) -> tuple[str, str]:
        """E-mail and password of the owner, from the file that `up` names."""
        words = dict(
            line.split(maxsplit=1) for line in (self.directory / "owner.txt").read_text().splitlines()[:3] if line
        )
        return words["email"], words["password"]

    def login(self) -> FlowiseApi:
        """A client that is logged in as the owner."""
        api = FlowiseApi(self.url)
        api.login(*self.owner())
        return api

    def endpoints(self) -> dict[str, Any]:
        """Where its services listen, as the daemon says."""
        return cast("dict[str, Any]", json.loads((self.directory / "daemon.json").read_text())["endpoints"])

    @contextmanager
    def s3(self) -> Generator["S3Client"]:
        """S3 of its moto server."""
        client = boto3.client(  # pyright: ignore[reportUnknownMemberType]  # only the services in use have types
            "s3",
            endpoint_url=self.endpoints()["aws"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        with closing(client):
            yield client

    def log(self, part: str) -> str:
        """Logs of all processes whose name holds `part`."""
        logs = sorted(path for path in (self.directory / "logs").iterdir() if part in path.name)
        return "".join(path.read_text(errors="replace") for path in logs)

    def processes(self) -> list[int]:
        """Processes of this machine whose command line or environment names the stack's directory."""
        found: list[int] = []
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and int(process.name) != os.getpid():
                try:
                    text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                except OSError:
                    continue
                if str(self.directory).encode() in text:
                    found.append(int(process.name))
        return found

"""Where the drill takes place: a copy of the program with a stack of its own, in the local environment."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3

from ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_s3.client import S3Client

STACK = "drill"
_REGION = "us-east-1"
_NOT_COPIED = shutil.ignore_patterns(".*", "tests", "bench", "node_modules", "__pycache__", "Pulumi.drill.yaml")
_SECONDS = 600
_boto3 = cast("Any", boto3)


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A copy that may be edited: the runbook writes into the stack file."""

    directory: Path
    port: int

    @property
    def url(self) -> str:
        """Where its Flowise answers."""
        return f"http://localhost:{self.port}"

    def local(self, *words: str, may_fail: bool = False) -> str:
        """Run `python -m local WORDS`; return what it shows."""
        return self._run("local", *words, may_fail=may_fail)

    def ops(self, *words: str) -> str:
        """Run `python -m ops WORDS`, pointed at the environment's AWS; return what it shows."""
        return self._run("ops", *words, environment=self._aws())

    def up(self) -> str:
        """What `pulumi up` is on AWS: make what the stack file asks for."""
        functions = ("--set", 'app.code_execution="sandbox"')  # the drill's flow answers by a function, without a model
        return self.local("up", STACK, "--port", str(self.port), *functions)

    def _run(self, module: str, *words: str, environment: dict[str, str] | None = None, may_fail: bool = False) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=self.directory,
            env=os.environ | {"COLUMNS": "160"} | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode and not may_fail:
            raise OpsError(f".venv/bin/python -m {module} {' '.join(words)} failed:\n{done.stdout.strip()[-3000:]}")
        return done.stdout

    def owner(self) -> tuple[str, str]:
        """E-mail and password of Flowise's owner."""
        lines = (self._local_env / "owner.txt").read_text(encoding="utf-8").splitlines()
        words = dict(line.split(maxsplit=1) for line in lines[:3] if line)
        return words["email"], words["password"]

    def s3(self) -> "S3Client":
        """S3 of the environment."""
        return _boto3.client("s3", **self._client())

    def rds(self) -> "RDSClient":
        """RDS of the environment."""
        return _boto3.client("rds", **self._client())

    @property
    def _local_env(self) -> Path:
        return self.directory / ".local" / STACK

    def _endpoint(self) -> str:
        return str(json.loads((self._local_env / "daemon.json").read_text(encoding="utf-8"))["endpoints"]["aws"])

    def _client(self) -> dict[str, Any]:
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return {"endpoint_url": self._endpoint(), "region_name": _REGION, **keys}

    def _aws(self) -> dict[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
        return {"AWS_ENDPOINT_URL": self._endpoint(), "AWS_DEFAULT_REGION": _REGION, **keys}


def copy_program(source: Path, target: Path, *, stack: str) -> Checkout:
    """Copy the program and the settings of a stack; packages, which are large, are shared. Raises `OpsError`."""
    settings = source / f"Pulumi.{stack}.yaml"
    if not settings.exists():
        raise OpsError(f"there is no {settings.name} in {source}", hint="Run this in the directory of the program.")
    if not (source / ".local").exists():
        subprocess.run([sys.executable, "-m", "local", "status", STACK], cwd=source, capture_output=True, check=False)
    shutil.copytree(source, target, ignore=_NOT_COPIED)
    # In the region that is said to the commands, whatever the stack's is.
    text = re.sub(r"(?m)^(\s*aws:region:\s*).*$", rf"\g<1>{_REGION}", settings.read_text(encoding="utf-8"))
    (target / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
    (target / ".local").symlink_to((source / ".local").resolve())
    return Checkout(directory=target, port=_free_port())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The pinned Python packages against published advisories; `make vulnerabilities` runs it after the image's packages.

`uv audit` asks OSV's database; it reads a project with a lock, so one is made from each requirement file beside the
checkout and thrown away. Every package is pinned there, so the lock holds these versions and no others.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from uv import find_uv_bin

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "requirements-dev.txt", "bootstrap/requirements.txt")
_PROJECT = '[project]\nname = "pins"\nversion = "0"\nrequires-python = ">=3.11"\n'
_QUIET = ("--quiet", "--no-config")
_SECONDS = 600


class AuditError(Exception):
    """Packages with advisories, or no answer; the message says which."""


def audit(requirements: Path, service: str = "") -> None:
    """Ask about every pin of a file, at OSV or at another `service` of its form. Raises `AuditError`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(_PROJECT, encoding="utf-8")
        _uv(folder, "add", *_QUIET, "--no-sync", "--requirements", str(requirements))
        _uv(folder, "audit", "--no-config", "--frozen", *(("--service-url", service) if service else ()))


def _uv(folder: str, *words: str) -> None:
    command = [find_uv_bin(), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode:
        raise AuditError((done.stdout + done.stderr).strip())


def main(
    service: Annotated[str, typer.Option(help="Another service with OSV's API than uv's own choice")] = "",
) -> None:
    """Compare the pins of every requirement file with published advisories."""
    failed = False
    for name in FILES:
        try:
            audit(ROOT / name, service)
        except AuditError as error:
            failed = True
            typer.echo(f"{name}:\n{error}", err=True)
        else:
            typer.echo(f"{name}: no advisory is published for a pinned version")
    sys.exit(int(failed))


if __name__ == "__main__":
    typer.run(main)

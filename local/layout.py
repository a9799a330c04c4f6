"""Where the local environment keeps its files, and who may pass through them.

.local/tools    PostgreSQL, bun, node          .local/image   the image's tree (/opt/flowise in a container)
.local/collector the OpenTelemetry Collector and its build
.local/ca       the local certificate authority
.local/<stack>  one stack: state, data, logs, pods
"""

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from analysis.stackfiles import ROOT
from local.errors import LocalError

RESERVED = frozenset({"tools", "image", "ca", "cache", "collector"})
POSTGRES_UID = 65534
"""PostgreSQL refuses to run as root, and initdb wants a user that has a name: `nobody`."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Directories that every stack of this checkout shares."""

    root: Path
    """What `.local` resolves to."""
    checkout: Path = ROOT

    @property
    def tools(self) -> Path:
        """Npm's tree of the tools, and `bin/node`, the only program on a pod's PATH besides the system's."""
        return self.root / "tools"

    @property
    def image(self) -> Path:
        """The image's tree: what a container sees as /opt/flowise."""
        return self.root / "image"

    @property
    def collector(self) -> Path:
        """The OpenTelemetry Collector, where it was built."""
        return self.root / "collector" / "otelcol"

    @property
    def ca(self) -> Path:
        """Certificate authority of this checkout; its key is 0600."""
        return self.root / "ca"

    def stack(self, name: str) -> "StackLayout":
        """Directories of one stack; made on first use. Raises `LocalError` for a name that is in use otherwise."""
        if name in RESERVED or "/" in name or name.startswith("."):
            raise LocalError(
                f"a stack of the local environment cannot be called '{name}'",
                hint="The name is that of a directory in .local; rename the stack.",
            )
        return StackLayout(name=name, dir=self.root / name)


@dataclass(frozen=True, kw_only=True)
class StackLayout:
    """Files of one stack."""

    name: str
    dir: Path

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.dir / "logs"

    @property
    def events(self) -> Path:
        """JSON lines, one an event, of the last start (see `local.events`)."""
        return self.dir / "events.jsonl"

    @property
    def lock(self) -> Path:
        """Locked (flock) while a daemon runs."""
        return self.dir / "lock"

    @property
    def daemon(self) -> Path:
        """Process id, port and URL of the running daemon (JSON)."""
        return self.dir / "daemon.json"

    @property
    def children(self) -> Path:
        """Process ids of all children of the last start, with their start times."""
        return self.dir / "children"

    @property
    def requests(self) -> Path:
        """What commands ask of the running daemon (see `local.requests`)."""
        return self.dir / "requests"

    @property
    def state(self) -> Path:
        """What must survive a restart: generated keys and passwords (0600)."""
        return self.dir / "state.json"

    @property
    def owner(self) -> Path:
        """URL, e-mail and password of the owner account (0600)."""
        return self.dir / "owner.txt"

    @property
    def pods(self) -> Path:
        """Volumes of the running pods; emptied at each start."""
        return self.dir / "pods"

    @property
    def objects(self) -> Path:
        """Objects of the buckets, saved for the next start."""
        return self.dir / "objects"

    @property
    def postgres(self) -> Path:
        """Data directories of the databases."""
        return self.dir / "postgres"

    @property
    def telemetry(self) -> Path:
        """What the Collector received."""
        return self.dir / "telemetry"

    def forget_logs(self) -> None:
        """Make room for those of a new start; those of the last one stay, in `logs.previous`."""
        previous = self.logs.with_suffix(".previous")
        shutil.rmtree(previous, ignore_errors=True)
        if self.logs.exists():
            self.logs.rename(previous)
        self.events.unlink(missing_ok=True)

    def make(self) -> None:
        """Make the directories; others may pass, but not list, only when pods run under other users."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        for directory in (self.dir, self.logs, self.pods, self.objects, self.postgres):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(mode)
        self.telemetry.mkdir(exist_ok=True)
        self.telemetry.chmod(mode | 0o022)  # the Collector has a user of its own


def find_layout(checkout: Path = ROOT) -> Layout:
    """Find or make `.local`.

    As root, pods and PostgreSQL run under other users, so every directory above must be passable; when the checkout is
    not (say, in root's home), `.local` becomes a link into /var/tmp. Raises `LocalError` when that place is not ours.
    """
    local = checkout / ".local"
    if os.geteuid() == 0 and not local.exists() and not is_passable(checkout):
        digest = hashlib.sha256(str(checkout).encode()).hexdigest()[:10]
        target = Path("/var/tmp") / f"flowise-local-{digest}"  # noqa: S108  # checked below
        target.mkdir(mode=0o755, exist_ok=True)
        found = target.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
            raise LocalError(f"{target} belongs to somebody else", hint=f"Remove {target}, then start again.")
        local.unlink(missing_ok=True)
        local.symlink_to(target)
    local.mkdir(mode=0o755, exist_ok=True)
    return Layout(root=local.resolve(), checkout=checkout)


def is_passable(path: Path) -> bool:
    """Whether any user may enter `path` and all directories above it."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, all at once or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)

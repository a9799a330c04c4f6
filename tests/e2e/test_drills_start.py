"""The start of pods: migrations, owner, keys; and what a pod may touch."""

import json
import os
import subprocess
from collections.abc import Collection, Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from analysis.stackfiles import ROOT
from local.packages import IMAGE_FILES
from tests.e2e.drills import UID, Drill

STACKS = {"prod"}
MADE = {"node_modules", "certs", "installed", "nodes.json", "compiled", "prepared"}
"""What the image's own commands make, and the notes of what they were made from."""
_MIGRATIONS = 59
_SERVER = ("node_modules/flowise/bin/run", "start")
_WORKER = ("node_modules/flowise/bin/run", "worker")


@pytest.fixture
def empty_database(drill: Drill) -> Iterator[str]:
    """A database of Flowise's role with nothing in it."""
    name = "drill_empty"
    with drill.connect("postgres", administrator=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name} OWNER flowise".encode())
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_three_migrations_at_once_apply_each_once(drill: Drill, empty_database: str) -> None:
    version = json.loads((ROOT / "image" / "package.json").read_text())["dependencies"]["flowise"]
    given = {"DATABASE_NAME": empty_database, "FLOWISE_VERSION": version}  # the Job's own variable
    runs = [drill.start_script(["scripts/migrate.cjs"], given) for _ in range(3)]
    outputs = [_finish(run) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], outputs
    lines = [output.splitlines()[-1] for output in outputs]
    assert sorted(lines) == [
        f"migrate: {n} applied, {_MIGRATIONS} of {_MIGRATIONS} recorded" for n in (0, 0, _MIGRATIONS)
    ]
    counted = drill.rows("SELECT count(*), count(DISTINCT name) FROM migrations", database=empty_database)
    assert counted == [(_MIGRATIONS, _MIGRATIONS)]


def test_a_migration_with_a_wrong_encryption_key_is_refused(drill: Drill) -> None:
    """With a wrong key Flowise is ready, and reads every credential as empty."""
    version = json.loads((ROOT / "image" / "package.json").read_text())["dependencies"]["flowise"]
    with drill.local_env.login() as api:
        api.create_credential("key check", {"basicAuthUsername": "u", "basicAuthPassword": "p"})
    wrong = "w0123456789abcdefghijklmnopqrstuvwxyz0123456789"
    run = drill.start_script(
        ["scripts/migrate.cjs"], {"FLOWISE_VERSION": version, "FLOWISE_SECRETKEY_OVERWRITE": wrong}
    )
    output = _finish(run)
    assert run.returncode == 1, output
    assert "FLOWISE_SECRETKEY_OVERWRITE opens none of the" in output
    assert "applied" not in output
    assert wrong not in output
    run = drill.start_script(["scripts/migrate.cjs"], {"FLOWISE_VERSION": version})
    output = _finish(run)
    assert run.returncode == 0, output
    assert "migrate: the key opens " in output


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/text-to-speech/generate"),
        ("POST", f"/api/v1/oauth2-credential/refresh/{uuid4()}"),
        ("POST", "/api/v1/openai-assistants-file/download"),
    ],
)
def test_paths_that_reach_credentials_ask_for_a_login_first(drill: Drill, method: str, path: str) -> None:
    """With an id that does not exist: refused before anything is looked up."""
    body = {"text": "hello", "provider": "openai", "credentialId": str(uuid4())}
    answer = httpx.request(method, drill.servers[0].url + path, json=body if method == "POST" else None, timeout=30)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.json() == {"error": "Unauthorized Access"}


def test_the_owner_is_registered_once(drill: Drill) -> None:
    email, password = drill.local_env.owner()
    account = {
        "FLOWISE_URL": drill.servers[0].url,
        "FLOWISE_OWNER_NAME": "Owner",
        "FLOWISE_OWNER_EMAIL": email,
        "FLOWISE_OWNER_PASSWORD": password,
    }
    runs = [drill.start_script(["scripts/owner.cjs"], account) for _ in range(2)]
    outputs = [_finish(run) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert drill.rows('SELECT email FROM "user"') == [(email,)]
    assert drill.rows("SELECT count(*) FROM organization") == [(1,)]


@pytest.mark.parametrize(
    ("command", "key", "value", "says"),
    [
        (_SERVER, "JWT_AUTH_TOKEN_SECRET", "AABBCCDDAABBCCDDAABBCCDDAABBCCDDAABBCCDD", "no random key"),
        (_SERVER, "FLOWISE_SECRETKEY_OVERWRITE", "", "is not set"),
        (_WORKER, "TOKEN_HASH_SECRET", "popcorn", "has 7 characters"),
    ],
)
def test_a_weak_or_missing_key_stops_the_pod(
    drill: Drill, command: tuple[str, ...], key: str, value: str, says: str
) -> None:
    options = drill.servers[0].environment["NODE_OPTIONS"]
    run = drill.start_script(command, {"NODE_OPTIONS": options, key: value})
    output = _finish(run)
    assert run.returncode == 1, output
    assert f"{key} " in output
    assert says in output
    assert len(output.splitlines()) == 2, "Flowise itself must not have begun"


def test_pods_run_as_the_user_of_their_spec_with_no_rights(drill: Drill) -> None:
    wanted = UID if os.geteuid() == 0 else os.geteuid()
    for pod in (*drill.servers, *drill.workers):
        assert set(pod.status("Uid").split()) == {str(wanted)}
        assert set(pod.status("Gid").split()) == {str(UID if os.geteuid() == 0 else os.getegid())}
        assert int(pod.status("CapEff"), 16) == 0 or os.geteuid() != 0
        environment = pod.environment
        assert Path(environment["HOME"]).is_relative_to(drill.stack.pods)
        assert Path(environment["TMPDIR"]).is_relative_to(drill.stack.pods)


def test_pods_write_to_their_volumes_only(drill: Drill) -> None:
    """Read-only root: after logins, predictions, uploads and restarts nothing else has changed.

    As root, a pod has a user of its own, to whom nothing but its volumes belongs; otherwise it has ours.
    """
    pods = (*drill.servers, *drill.workers)
    started = min((drill.stack.pods / pod.pod / "volumes").stat().st_mtime for pod in pods)
    image = _files(drill.local_env.image)
    assert len(image) > 10_000
    assert [path for path in image if path.lstat().st_ctime > started] == []
    if os.geteuid() == 0:
        places = (drill.local_env.directory.parent, Path("/home"), Path("/etc"))
        found = [path for place in places for path in _files(place, without={"node_modules", ".venv", ".git"})]
        allowed = (drill.stack.pods, drill.local_env.directory.parent / "cache")
        theirs = [path for path in found if _belongs_to_a_pod(path, started)]
        assert [path for path in theirs if not any(map(path.is_relative_to, allowed))] == []


def test_what_runs_is_what_the_image_holds(drill: Drill) -> None:
    image = drill.local_env.image
    for name in IMAGE_FILES:
        done = subprocess.run(["diff", "-r", str(ROOT / "image" / name), str(image / name)], check=False)
        assert done.returncode == 0, name
    assert {entry.name for entry in image.iterdir()} == {*IMAGE_FILES, *MADE}
    for pod in (*drill.servers, *drill.workers):
        assert Path(f"/proc/{pod.pid}/cwd").resolve() == image
        words = Path(f"/proc/{pod.pid}/cmdline").read_bytes().decode().split("\0")
        assert words[1] == "node_modules/flowise/bin/run"


def _finish(run: "subprocess.Popen[str]") -> str:
    try:
        return run.communicate(timeout=240)[0]
    finally:
        run.kill()


def _files(directory: Path, without: Collection[str] = ()) -> list[Path]:
    found: list[Path] = []
    for place, directories, names in os.walk(directory):
        directories[:] = [name for name in directories if name not in without]
        found += [Path(place) / name for name in names]
    return found


def _belongs_to_a_pod(path: Path, since: float) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return found.st_uid == UID and found.st_ctime > since

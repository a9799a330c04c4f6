"""The files of an image against the stack file: a fork that differs in every point, made here."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from analysis.stackfiles import ROOT
from components.app.settings import AppSettings
from components.common.planes import UNAUTHENTICATED
from delivery.image_fit import find_misfits, known_migrations

OPENED, CLOSED, MIGRATION = "/api/v1/gallery", "/api/v1/pricing", "AddGallery1790000000000"
DIGEST = "sha256:" + "ab12" * 16
FORK: dict[str, Any] = {
    "package": "@acme/flow",
    "components_package": "@acme/flow-nodes",
    "root": "/srv/flow",
    "program": "node_modules/@acme/flow/bin/serve",
    "user_id": 2001,
    "node_major": 22,
    "guards": "aside",
    "added_paths": [OPENED],
    "missing_paths": [CLOSED],
    "added_migrations": [MIGRATION],
}


def app_with(version: str = "1.0.2", code_execution: str = "sandbox", **different: object) -> AppSettings:
    return AppSettings.model_validate(
        {
            "image": f"registry.example.com/acme/flow@{DIGEST}",
            "owner": {"email": "owner@example.com"},
            "distribution": {**FORK, **different},
            "flowise_version": version,
            "code_execution": code_execution,
        }
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    paths = [path for path in (*UNAUTHENTICATED, OPENED) if path != CLOSED]
    package = "srv/flow/node_modules/@acme/flow"
    names = [*known_migrations(), MIGRATION]
    files = {
        **{f"srv/flow/{name}": "" for name in ("preload.cjs", "preload/guards.cjs", "preload/distribution.cjs")},
        **{f"srv/flow/{name}": "" for name in ("scripts/migrate.cjs", "certs/rds.pem")},
        f"{package}/package.json": json.dumps({"version": "1.0.2", "engines": {"node": "^22"}}),
        f"{package}/bin/serve.js": "",
        f"{package}/dist/routes/index.js": "".join(
            f"router.use('/{path.split('/')[3]}', one);" for path in paths if UNAUTHENTICATED.get(path) == "public"
        ),
        f"{package}/dist/index.js": f"app.use('/api/v1', all); app.get('{OPENED}/:id', one);",
        f"{package}/dist/utils/constants.js": f"exports.WHITELIST_URLS = [{', '.join(map(repr, paths))}];",
        f"{package}/dist/database/migrations/postgres/index.js": "exports.postgresMigrations = ["
        + ", ".join(f"_1.{name}" for name in names)
        + "];",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_fork_as_described_fits(tree: Path) -> None:
    assert find_misfits(tree, app_with()) == []


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"root": "/opt/flowise"}, "app.distribution.root is /opt/flowise, and the image has no such folder"),
        ({"package": "flow"}, "app.distribution.package is flow, and /srv/flow/node_modules holds no such package"),
        ({"version": "1.0.3"}, "app.flowise_version is 1.0.3, and the image holds @acme/flow 1.0.2"),
        ({"program": "bin/run"}, "app.distribution.program is bin/run, and /srv/flow holds no such file"),
        ({"node_major": 24}, "app.distribution.node_major is 24, and @acme/flow asks for Node.js ^22"),
        ({"added_paths": []}, f"{OPENED} is answered without a login and not in app.distribution.added_paths"),
        ({"added_paths": [OPENED, "/api/v1/none"]}, "added_paths names /api/v1/none, which the image does not"),
        ({"missing_paths": []}, f"{CLOSED} needs a login in this image"),
        ({"missing_paths": [CLOSED, "/api/v1/ping"]}, "missing_paths names /api/v1/ping, which is not missing"),
        ({"liveness_path": "/api/v1/alive"}, "liveness_path is /api/v1/alive, which needs a login in this image"),
        ({"added_migrations": []}, f"migration {MIGRATION} is not in app.distribution.added_migrations"),
        ({"added_migrations": [MIGRATION, "AddNone1"]}, "added_migrations names AddNone1, which the image does not"),
    ],
)
def test_each_difference_that_is_not_described_is_named(tree: Path, different: dict[str, Any], said: str) -> None:
    (line,) = find_misfits(tree, app_with(**different))
    assert said in line


def test_a_public_path_without_a_route_is_named(tree: Path) -> None:
    assert find_misfits(tree, app_with(public_paths=[OPENED])) == []
    (tree / "srv/flow/node_modules/@acme/flow/dist/index.js").write_text("app.use('/api/v1', all)")
    (line,) = find_misfits(tree, app_with(public_paths=[OPENED]))
    assert f"{OPENED} is public by app.distribution" in line


def test_the_files_are_those_of_the_image_that_was_pushed(tmp_path: Path) -> None:
    """A program in place of Docker notes what it is asked for, and copies a file."""
    docker = tmp_path / "docker"
    docker.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n'
        'case $1 in create) echo c0ffee;; cp) mkdir -p "$4/opt" && touch "$4/opt/file";; esac\n'
    )
    docker.chmod(0o755)
    (tmp_path / "image.json").write_text(
        json.dumps({"image.name": "registry.example.com/flowise:tag", "containerimage.digest": DIGEST})
    )
    tree = tmp_path / "tree"
    done = subprocess.run(
        ["make", "--no-print-directory", "image-files", f"REPORTS={tmp_path}", f"TREE={tree}"],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().splitlines() == [
        f"create registry.example.com/flowise@{DIGEST}",
        f"cp --quiet c0ffee:/opt {tree}/",
        "rm c0ffee",
    ]
    assert (tree / "opt" / "file").exists()


def test_a_migration_of_flowise_that_is_gone_is_named(tree: Path) -> None:
    (index,) = tree.rglob("postgres/index.js")
    index.write_text(index.read_text().replace(f"_1.{known_migrations()[3]}, ", ""))
    (line,) = find_misfits(tree, app_with())
    assert f"migration {known_migrations()[3]} of Flowise 3.1.4 is missing" in line


def test_a_missing_preload_and_an_unreadable_list_are_named_together(tree: Path) -> None:
    (tree / "srv/flow/preload.cjs").unlink()
    (constants,) = tree.rglob("constants.js")
    constants.write_text("")
    lines = find_misfits(tree, app_with())
    assert "/srv/flow/preload.cjs is missing: copy it from image/ of this repository" in lines
    assert any("has no list WHITELIST_URLS" in line for line in lines)


def test_guards_that_do_not_fit_are_listed_unless_they_stand_aside(tree: Path) -> None:
    refused = find_misfits(tree, app_with(guards="refuse"))
    assert len(refused) > 5
    assert all(line.startswith("guard ") for line in refused)
    assert any(": @acme/flow/dist/" in line for line in refused)


def test_code_execution_off_never_stands_aside(tree: Path) -> None:
    lines = find_misfits(tree, app_with(code_execution="off"))
    assert lines
    assert all(line.startswith("guard code: ") for line in lines)

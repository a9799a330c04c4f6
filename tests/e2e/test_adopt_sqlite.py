"""A Flowise on SQLite moves here by the two ways of docs/adopt.md; what each of them loses is what the page says."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e import adoption
from tests.e2e.adoption import NEW_OWNER, OLD_OWNER, Made
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.drills import Drill
from tests.e2e.flowise_api import FlowiseApi
from tests.e2e.other_flowise import OtherFlowise, on_sqlite
from tests.e2e.second_flowise import SecondFlowise, second_flowise
from tests.e2e.test_way_out import ops

STACKS = {"dev"}
ARCHIVE, OWN_EXPORT = 2, 3
"""Columns of the page's table."""


@dataclass(frozen=True, kw_only=True)
class Old:
    """The instance that moves, stopped."""

    flowise: OtherFlowise
    made: Made
    counted: Mapping[str, int]


@pytest.fixture(scope="module")
def drill(local_env: LocalEnvironment) -> Drill:
    """Ways to look into the environment, as it is."""
    return Drill(local_env=local_env, flow="")


@pytest.fixture(scope="module")
def old(drill: Drill) -> Iterator[Old]:
    with on_sqlite(drill) as flowise:
        with flowise.running() as url, FlowiseApi(url) as api:
            flowise.register(url, *OLD_OWNER)
            api.login(*OLD_OWNER)
            made = adoption.make(api)
            with closing(sqlite3.connect(flowise.home / "database.sqlite")) as connection:
                counted = adoption.count(lambda query: int(connection.execute(query).fetchone()[0]), api, made)
        assert all(counted.values()), counted
        yield Old(flowise=flowise, made=made, counted=counted)


def copy_files(drill: Drill, old: Old, target: SecondFlowise) -> None:
    """As `aws s3 sync .flowise/storage s3://BUCKET`."""
    with drill.local_env.s3() as s3:
        for key, path in old.flowise.files.items():
            s3.upload_file(str(path), target.name, key)


def counted(drill: Drill, target: SecondFlowise, api: FlowiseApi, made: Made) -> Mapping[str, int]:
    return adoption.count(lambda query: int(drill.rows(query, database=target.name)[0][0]), api, made)


def test_by_archive(drill: Drill, old: Old, tmp_path: Path) -> None:
    with second_flowise(drill, "adopt_archive") as made_here:
        target = replace(made_here, key=old.flowise.key)  # brought before the first start, as the page says
        target.migrate()
        with target.running() as url:
            target.register(url, *NEW_OWNER)
        key = tmp_path / "key.txt"
        key.write_text(old.flowise.key)
        archive = ("--archive", str(tmp_path / "archive"))
        ops(drill, "export", *archive, "--sqlite", str(old.flowise.home / "database.sqlite"))
        ops(drill, "import", *archive, "--database", target.dsn, "--key-file", str(key))
        files = ("check-files", "--database", target.dsn, "--bucket", target.name)
        assert "1 of 1 files" in ops(drill, *files, code=1)
        copy_files(drill, old, target)
        assert "0 of 1 files" in ops(drill, *files)
        with target.running() as url, FlowiseApi(url) as api:
            api.login(*OLD_OWNER)
            after = counted(drill, target, api, old.made)
            adoption.check_use(api, old.made)
    assert adoption.lost(old.counted, after) == adoption.lost_on_page(ARCHIVE)


def test_by_the_export_of_flowise_itself(drill: Drill, old: Old) -> None:
    for gone in (old.made.api_key, old.made.credential, OLD_OWNER[0], "kept-secret-9", "value of the variable"):
        assert gone not in old.made.exported
    with second_flowise(drill, "adopt_export") as target:
        target.migrate()
        copy_files(drill, old, target)
        with target.running() as url, FlowiseApi(url) as api:
            target.register(url, *NEW_OWNER)
            api.login(*NEW_OWNER)
            api.import_all(old.made.exported)
            after = counted(drill, target, api, old.made)
            said = ops(drill, "check-files", "--database", target.dsn, "--bucket", target.name, code=1)
            assert f"another organisation: {next(iter(old.flowise.files)).partition('/')[0]}/" in said
            assert api.predict(old.made.flow, "after it") == "answer:AFTER IT"
    assert adoption.lost(old.counted, after) == adoption.lost_on_page(OWN_EXPORT)

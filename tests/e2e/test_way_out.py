"""What `ops export` takes out of a running stack is there after `ops import` into an empty one (docs/way-out.md)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT
from ops.drill.flowise import Flowise
from ops.drill.work import DrillData
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.drills import Drill
from tests.e2e.flowise_api import FlowiseApi, FlowiseError
from tests.e2e.second_flowise import SecondFlowise, second_flowise

STACKS = {"dev"}
FIRST_OWNER = ("first-owner@example.com", "First-passw0rd!")
"""Of the new stack, until the import replaces the account."""


@pytest.fixture(scope="module")
def drill(local_env: LocalEnvironment) -> Drill:
    """Ways to look into the environment, as it is."""
    return Drill(local_env=local_env, flow="")


@pytest.fixture
def target(drill: Drill) -> Iterator[SecondFlowise]:
    """A stack that has started once, in which nobody has made anything."""
    with second_flowise(drill, "way_out") as made:
        made.migrate()
        with made.running() as url:
            made.register(url, *FIRST_OWNER)
        yield made


def ops(drill: Drill, *words: str, code: int = 0) -> str:
    """Run `python -m ops WORDS` as a person would, with the database's password in its environment."""
    access = {"AWS_ENDPOINT_URL": drill.local_env.endpoints()["aws"], "AWS_DEFAULT_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    password = {"PGPASSWORD": drill.servers[0].environment["DATABASE_PASSWORD"]}
    done = subprocess.run(
        [sys.executable, "-m", "ops", *words],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"} | access | keys | password,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def test_everything_of_a_stack_in_use_is_there_in_a_new_one(
    drill: Drill, target: SecondFlowise, tmp_path: Path
) -> None:
    work = DrillData()
    owner = drill.local_env.owner()
    with Flowise(drill.local_env.url) as flowise, drill.local_env.s3() as s3:
        flowise.login(*owner)
        work.make(flowise, s3)

    old, new, passphrase = (tmp_path / name for name in ("old-key.txt", "new-key.txt", "passphrase.txt"))
    old.write_text(drill.servers[0].environment["FLOWISE_SECRETKEY_OVERWRITE"])
    new.write_text(target.key)
    passphrase.write_text("correct horse battery")
    archive = ("--archive", str(tmp_path / "archive"), "--passphrase-file", str(passphrase))
    source = target.dsn.replace(f"dbname={target.name}", "dbname=flowise")
    ops(drill, "export", *archive, "--database", source, "--bucket", work.bucket, "--key-file", str(old))
    place = ("--database", target.dsn, "--bucket", target.name)
    assert "imported" in ops(drill, "import", *archive, *place, "--key-file", str(new))

    work.bucket = target.name
    with target.running() as url, Flowise(url) as flowise, drill.local_env.s3() as s3:
        flowise.login(*owner)
        compared = work.compare(flowise, s3)
        assert {each.kind: each.made - each.right for each in compared} == {each.kind: 0 for each in compared}
        assert all(each.made for each in compared)
        with FlowiseApi(url) as api, pytest.raises(FlowiseError):
            api.login(*FIRST_OWNER)

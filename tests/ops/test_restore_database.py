"""`restore-database`: what it writes into a stack file, and what it refuses."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.stackfiles import ROOT
from ops.clients import rds_client
from ops.moments import format_timestamp
from ops.stack_file import read_stack_file
from tests.conftest import recorded
from tests.ops.conftest import Answer, Outcome, ops

NOW = datetime.now(UTC).replace(microsecond=0)
NAME = "flowise-prod-database"
STACK = Path("Pulumi.prod.yaml")


@pytest.fixture(autouse=True)
def stack_file() -> str:
    """The stack files of this repository, in the test's own directory."""
    for name in ("Pulumi.yaml", STACK.name):
        shutil.copy(ROOT / name, name)
    return STACK.read_text(encoding="utf-8")


def make(name: str, snapshot: str = "", engine: str = "postgres") -> None:
    rds: Any = rds_client()
    size = {
        "DBInstanceClass": "db.m7g.large",
        "AllocatedStorage": 20,
        "MasterUsername": "x",
        "MasterUserPassword": "x" * 9,
    }
    rds.create_db_instance(DBInstanceIdentifier=name, Engine=engine, BackupRetentionPeriod=7, **size)
    if snapshot:
        rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot)


def window(answer: Callable[[str, Answer], None]) -> None:
    """Say that the instance can be restored to the last seven days less five minutes."""
    make(NAME)
    reach = {"EarliestTime": NOW - timedelta(days=7), "LatestTime": NOW - timedelta(minutes=5)}
    answer(
        "DescribeDBInstanceAutomatedBackups",
        {"DBInstanceAutomatedBackups": [{"Status": "active", "RestoreWindow": reach}]},
    )


def restore(*options: str, stack: str = "prod") -> Outcome:
    return ops("restore-database", "--stack", stack, *options)


def database() -> dict[str, Any]:
    return yaml.safe_load(STACK.read_text(encoding="utf-8"))["config"]["flowise:database"]


def test_asks_for_a_moment_and_leaves_everything_else_as_it_was(
    answer: Callable[[str, Answer], None], stack_file: str
) -> None:
    window(answer)
    moment = format_timestamp(NOW - timedelta(hours=3))
    shown = restore("--to", moment)
    assert shown.code == 0, shown.text
    assert database()["generation"] == 2
    assert database()["restore_from"] == {"point_in_time": moment, "source_generation": 1}
    before, after = stack_file.splitlines(), STACK.read_text(encoding="utf-8").splitlines()
    added = ["generation: 2", "restore_from:", f'point_in_time: "{moment}"', "source_generation: 1"]
    assert [line.strip() for line in after if line not in before] == added
    assert [line for line in after if line in before] == before
    assert f'+ point_in_time: "{moment}"' in shown.text
    assert "make plan STACK=prod" in shown.text
    assert "pulumi preview -s prod" in shown.text


def test_asks_for_a_moment_of_an_instance_that_was_deleted(answer: Callable[[str, Answer], None]) -> None:
    """RDS keeps the automated backups; the state still holds the instance, protected, until a refresh."""
    make(NAME, snapshot="final-1")
    rds: Any = rds_client()
    rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)
    reach = {"EarliestTime": NOW - timedelta(days=7), "LatestTime": NOW - timedelta(hours=1)}
    kept = {"Status": "retained", "DbiResourceId": "db-ABCDEFGHIJKLMNOP", "RestoreWindow": reach}
    answer("DescribeDBInstanceAutomatedBackups", {"DBInstanceAutomatedBackups": [kept]})
    assert "lies after what RDS can restore" in restore("--to", format_timestamp(NOW)).text
    moment = format_timestamp(NOW - timedelta(hours=3))
    shown = restore("--to", moment)
    assert shown.code == 0, shown.text
    assert database()["generation"] == 2
    assert database()["removed_generations"] == [1]
    assert database()["restore_from"] == {"point_in_time": moment, "source_resource_id": "db-ABCDEFGHIJKLMNOP"}
    urn = recorded("prod").only("aws:rds/instance:Instance").urn
    assert f"pulumi refresh -s prod --target '{urn}'" in shown.text


def test_asks_for_a_snapshot_of_an_instance_that_is_gone() -> None:
    make(NAME, snapshot="final-1")
    rds: Any = rds_client()
    rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)
    assert (
        "instance flowise-prod-database does not exist any more"
        in (gone := restore("--to", format_timestamp(NOW))).text
    )
    assert "final-1 (" in gone.text
    assert restore("--snapshot", "final-1").code == 0
    assert database()["restore_from"] == {"snapshot_identifier": "final-1"}


def test_restores_again_from_what_was_restored(stack_file: str) -> None:
    make(NAME, snapshot="first")
    restore("--snapshot", "first")
    assert "the last restore was written and not deployed" in (refused := restore("--snapshot", "first")).text
    assert refused.code == 1
    make(f"{NAME}-g2", snapshot="second")
    assert restore("--snapshot", "second").code == 0
    assert database()["generation"] == 3
    assert database()["restore_from"] == {"snapshot_identifier": "second"}
    kept = STACK.read_text(encoding="utf-8").splitlines()
    assert [line for line in stack_file.splitlines() if line not in kept] == []


def test_keeps_comments_that_hang_on_what_it_replaces(stack_file: str) -> None:
    make(f"{NAME}-g2", snapshot="second")
    old = "    generation: 2 # the flood\n    restore_from:\n      point_in_time: '2026-01-01T00:00:00Z'\n"
    old += "      source_generation: 1 # why\n\n  # This section switches queue mode on."
    STACK.write_text(stack_file.replace("\n  # This section switches queue mode on.", old), encoding="utf-8")
    assert restore("--snapshot", "second").code == 0
    text = STACK.read_text(encoding="utf-8")
    assert "generation: 3 # the flood" in text
    assert '      snapshot_identifier: "second"' in text
    assert "\n\n  # This section switches queue mode on.\n  flowise:queue:" in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "neither --snapshot nor --to is given"),
        (["--snapshot", "first", "--to", "2026-01-01T00:00:00Z"], "--snapshot and --to are given both"),
        (["--to", "2999-01-01T00:00:00Z"], "lies in the future"),
        (["--to", format_timestamp(NOW - timedelta(days=8))], "lies before what RDS can restore"),
        (["--to", format_timestamp(NOW - timedelta(minutes=1))], "lies after what RDS can restore"),
        (["--to", "noon"], "is not a moment"),
        (["--snapshot", "other"], "there is no snapshot other"),
        (["--snapshot", "mysql"], "is of a database of mysql"),
        (["--snapshot", "first", "--database", "flowise-other"], "there is no instance flowise-other in us-east-1"),
    ],
)
def test_refuses_and_writes_nothing(
    answer: Callable[[str, Answer], None], stack_file: str, options: list[str], words: str
) -> None:
    window(answer)
    make("other-database", snapshot="mysql", engine="mysql")
    shown = restore(*options)
    assert shown.code == 1
    assert words in shown.text
    assert "What to do:" in shown.text or "mysql" in words
    assert STACK.read_text(encoding="utf-8") == stack_file


def test_refuses_a_generation_that_exists_already(stack_file: str) -> None:
    make(NAME, snapshot="first")
    make(f"{NAME}-g2")
    shown = restore("--snapshot", "first")
    assert shown.code == 1
    assert "there is an instance flowise-prod-database-g2 already" in shown.text
    assert STACK.read_text(encoding="utf-8") == stack_file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("flowise:database:", "flowise:data:", "has no section flowise:database"),
        ("config:", "configuration:", "has no section 'config'"),
        ("aws:region:", "aws:zone:", "does not set aws:region"),
        ("config:", "config: [", "is not valid YAML"),
        ("    storage_gib: 100", "    generation: two", "generation is two"),
    ],
)
def test_says_what_is_wrong_with_a_stack_file(stack_file: str, old: str, new: str, words: str) -> None:
    STACK.write_text(stack_file.replace(old, new, 1), encoding="utf-8")
    shown = restore("--snapshot", "first")
    assert shown.code == 1
    assert words in shown.text
    assert STACK.read_text(encoding="utf-8") == stack_file.replace(old, new, 1)


def test_says_which_stacks_there_are() -> None:
    assert "Stacks here: prod." in restore("--snapshot", "first", stack="staging").text
    Path("Pulumi.yaml").unlink()
    assert "there is no Pulumi.yaml" in restore("--snapshot", "first").text


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        ("DescribeDBInstances", ["--snapshot", "first"]),
        ("DescribeDBSnapshots", ["--snapshot", "first"]),
        ("DescribeDBInstanceAutomatedBackups", ["--to", format_timestamp(NOW - timedelta(hours=1))]),
    ],
)
def test_names_the_right_that_is_missing(
    deny: Callable[[str], None], stack_file: str, operation: str, options: list[str]
) -> None:
    make(NAME, snapshot="first")
    deny(operation)
    shown = restore(*options)
    assert shown.code == 1
    assert f"needs: rds:{operation}" in shown.text
    assert STACK.read_text(encoding="utf-8") == stack_file


def test_names_the_instance_as_the_program_does() -> None:
    instance = recorded("prod").only("aws:rds/instance:Instance")
    assert read_stack_file("prod", ROOT).instance_name(1) == instance.inputs["identifier"] == NAME

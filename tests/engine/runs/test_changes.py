"""docs/changes.md against the engine: the rows that replace or delete what holds data, or that somebody waits for."""

from collections.abc import Iterator

import pytest

from analysis.changes import CHANGES, SettingChange
from engine.change_table import PAGE, deployed, previewed, row
from engine.stack import EngineStack

_REPEATED = (
    "network.cidr=10.99.0.0/16",  # refused for the whole network
    "cluster.admin_role_arns=[]",  # an administrator leaves
    "domain=null",  # an origin in use does not change its protocol
    'database.postgres_version="18"',  # the group in use stays
)
"""Rows that are repeated besides those that lose data."""


def repeated() -> list[SettingChange]:
    """Changes of the gate; the others are those of `make changes-check`."""
    return [change for change in CHANGES if change.says or set(change.assignments) & set(_REPEATED)]


@pytest.fixture(scope="module")
def prod() -> Iterator[EngineStack]:
    """Prod, deployed once."""
    with deployed() as engine:
        yield engine


@pytest.mark.parametrize("change", repeated(), ids=lambda change: " ".join(change.assignments)[:40] or "keys")
def test_the_page_says_what_the_engine_does(prod: EngineStack, change: SettingChange) -> None:
    found = previewed(prod, change)
    assert row(change, found) in PAGE.read_text("utf-8").splitlines(), "run `make changes`"
    assert found.loses_data <= bool(change.says), found
    asked_for = change.assignments == ("database.password_generation=2",)
    assert not found.loses_data or found.refused or asked_for, "protection must stop it"


def test_an_administrator_can_be_revoked(prod: EngineStack) -> None:
    found = previewed(prod, SettingChange(assignments=("cluster.admin_role_arns=[]",)))
    assert not found.refused

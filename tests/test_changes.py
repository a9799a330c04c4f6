"""What a change of settings may do to what holds data: nothing that is not written down."""

import re
from functools import cache

import pytest

from analysis.changes import CHANGES, STACK, Effect, SettingChange, changed, effects
from analysis.recorder import Recording
from settings import IMPORTED_KEYS
from tests.conftest import recorded, recorded_with

KEYS = {"random:index/randomBytes:RandomBytes", "aws:secretsmanager/secret:Secret"}
RESTORE = {"database.generation": 2, "database.restore_from": {"point_in_time": "2026-01-02T03:04:05Z"}}


@cache
def before() -> Recording:
    """Prod as its file is."""
    return recorded(STACK)


def _id(change: SettingChange) -> str:
    return " ".join(re.split(r"[ \[{]", assignment)[0] for assignment in change.assignments) or "imported keys"


def test_there_are_enough_changes_and_none_twice() -> None:
    assert len(CHANGES) >= 30
    assert len({(change.assignments, change.secrets) for change in CHANGES}) == len(CHANGES)


@pytest.mark.parametrize("change", CHANGES, ids=_id)
def test_no_change_harms_data_unless_the_docs_say_so(change: SettingChange) -> None:
    after = changed(change)
    assert after.records != before().records, "it changes nothing"
    found = effects(before(), after)
    assert bool([effect for effect in found if effect.harms]) is bool(change.says), found
    of_keys = {e for e in found if e.type == "random:index/randomBytes:RandomBytes" or e.name == "keys-owner"}
    assert {(e.does, e.properties) for e in of_keys} <= {("changes", ("protect",))}, "the keys never change"


def test_a_restore_makes_one_instance_and_deletes_and_replaces_nothing() -> None:
    after = recorded_with(STACK, RESTORE)
    assert effects(before(), after) == [Effect(does="makes", type="aws:rds/instance:Instance", name="database-g2")]
    old, new = ({record.urn: record for record in recording.records} for recording in (before(), after))
    assert old.keys() - new.keys() <= {urn for urn in old if "kubernetes:batch" in urn}
    made = {new[urn].name for urn in new.keys() - old.keys() if new[urn].type.startswith("aws:")}
    assert made == {"database-g2", *(f"database-g2-{log}" for log in ("postgresql", "upgrade", "iam-db-auth-error"))}


def test_pods_and_backups_follow_the_new_generation() -> None:
    after = recorded_with(STACK, RESTORE)
    new = after.only("aws:rds/instance:Instance", "database-g2")
    assert new.inputs["identifier"] == "flowise-prod-database-g2"
    maps = [record.inputs["data"] for record in after.of_type("kubernetes:core/v1:ConfigMap")]
    assert {data["DATABASE_HOST"] for data in maps if "DATABASE_HOST" in data} == {new.outputs["address"]}
    secret = new.outputs["masterUserSecrets"][0]["secretArn"]
    assert any(secret in r.inputs["policy"] for r in after.of_type("aws:iam/rolePolicy:RolePolicy"))
    assert new.outputs["arn"] in after.only("aws:backup/selection:Selection").inputs["resources"]
    password = "random:index/randomPassword:RandomPassword"
    assert after.only(password, "database").outputs == before().only(password, "database").outputs


def test_what_a_generation_was_restored_from_is_read_once() -> None:
    first = recorded_with(STACK, RESTORE)
    later = recorded_with(STACK, {**RESTORE, "database.restore_from": {"snapshot_identifier": "another"}})
    assert effects(first, later) == []


def test_an_earlier_generation_goes_only_when_it_is_named() -> None:
    second = recorded_with(STACK, RESTORE)
    third = recorded_with(STACK, {**RESTORE, "database.generation": 3})
    assert effects(second, third) == [Effect(does="makes", type="aws:rds/instance:Instance", name="database-g3")]
    source = third.only("aws:rds/instance:Instance", "database-g3").inputs["restoreToPointInTime"]
    assert source["sourceDbInstanceIdentifier"] == "flowise-prod-database-g2"
    kept = third.only("aws:rds/instance:Instance", "database-g2").inputs["restoreToPointInTime"]
    assert kept["useLatestRestorableTime"], "if it had to be made, then not as an empty database"
    named = recorded_with(
        STACK, {**RESTORE, "database.removed_generations": [1], "database.restore_from": {"snapshot_identifier": "s"}}
    )
    assert effects(second, named) == [Effect(does="deletes", type="aws:rds/instance:Instance", name="database")]
    assert second.only("aws:rds/instance:Instance", "database").protect, "so Pulumi refuses until it is unprotected"


def test_a_deleted_instance_is_restored_from_its_retained_backups() -> None:
    source = {"point_in_time": "2026-01-02T03:04:05Z", "source_resource_id": "db-ABCDEFGHIJKLMNOP"}
    after = recorded_with(
        STACK, {"database.generation": 2, "database.removed_generations": [1], "database.restore_from": source}
    )
    assert after.only("aws:rds/instance:Instance").inputs["restoreToPointInTime"] == {
        "sourceDbiResourceId": "db-ABCDEFGHIJKLMNOP",
        "restoreTime": "2026-01-02T03:04:05Z",
    }


def test_a_new_password_changes_the_password_the_secret_and_the_pods() -> None:
    after = recorded_with(STACK, {"database.password_generation": 2})
    old, new = ({record.urn: record for record in recording.records} for recording in (before(), after))
    assert old.keys() == new.keys()
    differing = {
        (new[u].type.split(":")[0], new[u].type.rsplit(":", 1)[1]) for u in new if old[u].inputs != new[u].inputs
    }
    assert differing == {
        ("random", "RandomPassword"),
        ("kubernetes", "Secret"),
        ("kubernetes", "Job"),
        ("kubernetes", "Deployment"),
    }


def test_keys_that_are_brought_are_used_and_the_random_ones_stay() -> None:
    brought = {name: f"{name}-of-the-old-instance" for name in IMPORTED_KEYS}
    after = recorded_with(STACK, {}, secrets=brought)
    assert [e for e in effects(before(), after) if e.type in KEYS] == []
    version = after.only("aws:secretsmanager/secretVersion:SecretVersion")
    assert "secretString" in version.secrets
    assert all(value in version.inputs["secretString"] for value in brought.values())
    rendered = [r.inputs["stringData"] for r in after.of_type("kubernetes:core/v1:Secret")]
    assert any(data.get("TOKEN_HASH_SECRET") == brought["token_hash_secret"] for data in rendered)

"""What stays and what goes when a stack is deleted, and that it can be created again on the same day."""

from typing import Final

import pytest

from analysis.recorder import Record, Recording
from tests.conftest import recorded_with

BUCKET: Final = "aws:s3/bucket:Bucket"
VAULT: Final = "aws:backup/vault:Vault"
KEY: Final = "aws:kms/key:Key"
SECRET: Final = "aws:secretsmanager/secret:Secret"


@pytest.fixture(scope="module")
def unprotected() -> Recording:
    return recorded_with("prod", {"protected": False})


def test_an_unprotected_stack_deletes_its_buckets_with_every_version(unprotected: Recording) -> None:
    """S3 refuses to delete a bucket that holds a version (API reference, DeleteBucket)."""
    buckets = unprotected.of_type(BUCKET)
    assert len(buckets) >= 3
    assert all(bucket.inputs["forceDestroy"] is True and not bucket.protect for bucket in buckets)


def test_a_protected_stack_never_empties_a_bucket(prod: Recording) -> None:
    assert all(bucket.inputs["forceDestroy"] is False and bucket.protect for bucket in prod.of_type(BUCKET))


def test_an_unprotected_stack_frees_the_name_of_its_secret(unprotected: Recording, prod: Recording) -> None:
    """A deleted secret's name is taken until its recovery window ends (API reference, DeleteSecret)."""
    assert unprotected.only(SECRET).inputs["recoveryWindowInDays"] == 0
    assert prod.only(SECRET).inputs["recoveryWindowInDays"] >= 7


@pytest.mark.parametrize("protected", [True, False])
def test_a_vault_and_the_keys_of_its_recovery_points_outlive_the_stack(
    protected: bool, prod: Recording, unprotected: Recording
) -> None:
    recording = prod if protected else unprotected
    assert len(recording.of_type(VAULT)) == 2
    for kept in (*recording.of_type(VAULT), *recording.of_type(KEY)):
        if kept.name != "observability-edge":
            assert kept.retain_on_delete, kept.name
    assert not any(vault.inputs["forceDestroy"] for vault in recording.of_type(VAULT))


def test_vaults_of_two_lives_of_a_stack_have_different_names(unprotected: Recording) -> None:
    """The vault of a deleted stack stays, and AWS Backup refuses a second one of its name (CreateBackupVault)."""

    def parts(vault: Record) -> list[str]:
        return str(vault.inputs["name"]).rsplit("-", 1)

    for vault in unprotected.of_type(VAULT):
        suffix = unprotected.only("random:index/randomId:RandomId", f"{vault.name}-vault").outputs["hex"]
        assert parts(vault) == ["flowise-prod-backup", suffix]
        assert vault.ignore_changes == ("name",), "a vault of release 0.1.0 would be replaced"


@pytest.mark.parametrize(("version", "groups"), [("16", ["16"]), ("17", ["16", "17"]), ("18", ["16", "17", "18"])])
def test_every_earlier_version_keeps_its_parameter_group(version: str, groups: list[str]) -> None:
    """The instance uses the old group until the maintenance window, and RDS deletes none in use."""
    recording = recorded_with("prod", {"database.postgres_version": version})
    found = recording.of_type("aws:rds/parameterGroup:ParameterGroup")
    assert sorted(group.inputs["family"] for group in found) == [f"postgres{group}" for group in groups]
    used = recording.only("aws:rds/instance:Instance").inputs["parameterGroupName"]
    assert [group.name for group in found if group.outputs["name"] == used] == [f"database-{version}"]


def test_extended_support_is_off_for_new_instances_only(prod: Recording) -> None:
    instance = prod.only("aws:rds/instance:Instance")
    assert instance.inputs["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert "engineLifecycleSupport" in instance.ignore_changes

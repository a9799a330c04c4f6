"""Recovery points, and copies in the recovery region."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage


class RecoveryUsage(Usage):
    """What is kept and copied."""

    database_backup_gb: Figure = 40
    """GB of database recovery points, in every vault."""
    files_backup_gb: Figure = 25
    """GB of file recovery points, in every vault."""
    recovery_copied_gb: Figure = 10
    """GB copied to the recovery region."""


def _vault(resource: Resource) -> Amounts:
    usage = resource.usage.of(RecoveryUsage)
    points = (("backup.database", usage.database_backup_gb), ("backup.files", usage.files_backup_gb))
    for price, size in points:
        yield Amount(what=f"recovery points of the {price.split('.')[1]}", price=price, quantity=size, part="use")


def _backup_plan(resource: Resource) -> Amounts:
    if any(rule.get("copyActions") for rule in resource.inputs["rules"]):
        size = resource.usage.of(RecoveryUsage).recovery_copied_gb
        yield Amount(what="recovery points copied", price="transfer.region", quantity=size, part="use")


def _replication(resource: Resource) -> Amounts:
    size = resource.usage.of(RecoveryUsage).recovery_copied_gb
    yield Amount(what="files copied", price="transfer.region", quantity=size, part="use")


SERVICE: Final = Service(
    usage=RecoveryUsage,
    prices={
        "backup.database": Price(0.095, "GB", "infracost", at="db_instance_test"),
        "backup.files": Price(0.05, "GB", "article", at="cloudburn.io/blog/aws-backup-pricing"),
        "transfer.region": Price(0.02, "GB", "infracost", at="data_transfer_test"),
    },
    rules={
        "aws:backup/plan:Plan": _backup_plan,
        "aws:backup/vault:Vault": _vault,
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    },
)

"""Buckets of S3."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage


class StorageUsage(Usage):
    """What lies in buckets, and what is done there."""

    files_gb: Figure = 20
    """GB of files with their old versions, in every bucket that holds files."""
    log_files_gb: Figure = 5
    """GB in every bucket that holds logs."""
    s3_writes_millions: Figure = 0.1
    """S3 writes and listings, in millions."""
    s3_reads_millions: Figure = 1
    """S3 reads, in millions."""


def _bucket(resource: Resource) -> Amounts:
    """Buckets of LogBucket and Telemetry hold logs, the others files or their copies."""
    usage = resource.usage.of(StorageUsage)
    logs = resource.record.parent.rsplit("::", 1)[0].endswith((":LogBucket", ":Telemetry"))
    size = usage.log_files_gb if logs else usage.files_gb
    yield Amount(what="logs" if logs else "files", price="s3.storage", quantity=size, part="use")
    if not logs:
        yield Amount(what="S3 writes", price="s3.writes", quantity=usage.s3_writes_millions, part="use")
        yield Amount(what="S3 reads", price="s3.reads", quantity=usage.s3_reads_millions, part="use")


SERVICE: Final = Service(
    usage=StorageUsage,
    prices={
        "s3.storage": Price(0.023, "GB", "infracost", at="s3_bucket_test"),
        "s3.writes": Price(5.00, "M requests", "infracost", at="s3_bucket_test"),
        "s3.reads": Price(0.40, "M requests", "infracost", at="s3_bucket_test"),
    },
    rules={"aws:s3/bucket:Bucket": _bucket},
)

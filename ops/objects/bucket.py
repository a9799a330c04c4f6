"""Whether the history of a bucket reaches back to a moment."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from ops.errors import OpsError, code_of
from ops.moments import format_timestamp

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def versioning(client: "S3Client", bucket: str) -> str:
    """Enabled, Suspended, or Off. Raises `OpsError` when there is no such bucket."""
    try:
        return client.get_bucket_versioning(Bucket=bucket).get("Status", "Off")
    except ClientError as error:
        if code_of(error) in {"NoSuchBucket", "404"}:
            raise OpsError(
                f"there is no bucket {bucket}",
                hint="Look for its name with: aws s3api list-buckets. If it was deleted, its versions went with it: "
                "restore it from AWS Backup or from its replica.",
            ) from error
        raise


def bucket_region(client: "S3Client", bucket: str) -> str:
    """Region of a bucket; S3 names us-east-1 by saying nothing (API reference, GetBucketLocation)."""
    return client.get_bucket_location(Bucket=bucket).get("LocationConstraint") or "us-east-1"


def version_days(client: "S3Client", bucket: str, prefix: str) -> int | None:
    """Days that every old version under `prefix` is kept for at least; None when no rule deletes any."""
    try:
        rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if code_of(error) == "NoSuchLifecycleConfiguration":
            return None
        raise
    return min(_days(cast("Sequence[Mapping[str, Any]]", rules), prefix), default=None)


def _days(rules: Sequence[Mapping[str, Any]], prefix: str) -> Iterator[int]:
    for rule in rules:
        expiry = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")
        narrowed: Mapping[str, Any] = rule.get("Filter", {})
        of_rule = str(rule.get("Prefix") or narrowed.get("Prefix") or narrowed.get("And", {}).get("Prefix") or "")
        if rule["Status"] == "Enabled" and expiry and (of_rule.startswith(prefix) or prefix.startswith(of_rule)):
            yield int(expiry)


def check_reaches(client: "S3Client", bucket: str, prefix: str, moment: datetime, now: datetime) -> None:
    """Raise `OpsError` when the bucket cannot tell what it held at `moment`."""
    status = versioning(client, bucket)
    if status != "Enabled":
        raise OpsError(
            f"versioning of bucket {bucket} is {status.lower()}: what is deleted or overwritten there is gone at once, "
            "and recovery itself would overwrite",
            hint="Switch it on, then restore from AWS Backup or from the replica: "
            f"aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled",
        )
    days = version_days(client, bucket, prefix)
    if days is not None and moment < (earliest := now - timedelta(days=days)):
        raise OpsError(
            f"--to {format_timestamp(moment)} lies before what bucket {bucket} can tell: a lifecycle rule deletes "
            f"old versions after {days} days, so they are complete since {format_timestamp(earliest)} only",
            hint="Choose a later moment, or restore the older state from AWS Backup.",
        )

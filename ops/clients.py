"""boto3 clients with bounded retries. Where AWS is found, and as whom, is boto3's own business (AWS_* variables)."""

from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_backup.client import BackupClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

_ATTEMPTS = 8
"""Of one request, with pauses that double from about 1 s up to 20 s: time for a throttled prefix to calm down."""

_boto3 = cast("Any", boto3)
"""Its `client` has an overload for every service, most of whose types are not installed."""


def _config(connections: int = 10) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=connections,
        connect_timeout=10,
        read_timeout=60,
        user_agent_extra="flowise-ops",
    )


def s3_client(region: str | None = None, *, workers: int = 1) -> "S3Client":
    """S3, with a connection for each worker."""
    return _boto3.client("s3", region_name=region, config=_config(workers + 2))


def rds_client(region: str | None = None) -> "RDSClient":
    """RDS."""
    return _boto3.client("rds", region_name=region, config=_config())


def backup_client(region: str | None = None) -> "BackupClient":
    """AWS Backup."""
    return _boto3.client("backup", region_name=region, config=_config())


def cloudwatch_client(region: str | None = None) -> "CloudWatchClient":
    """CloudWatch."""
    return _boto3.client("cloudwatch", region_name=region, config=_config())


def secrets_client(region: str | None = None) -> "SecretsManagerClient":
    """Secrets Manager."""
    return _boto3.client("secretsmanager", region_name=region, config=_config())

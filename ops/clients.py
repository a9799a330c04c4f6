"""boto3 clients with bounded retries. Where AWS is found, and as whom, is boto3's own business (AWS_* variables)."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from mypy_boto3_backup.client import BackupClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

_ATTEMPTS = 8
"""Of one request, with pauses that double from about 1 s up to 20 s: time for a throttled prefix to calm down."""


def parse_moment(value: Any) -> datetime:
    """Read a moment; botocore would try every form that there is, which takes half the time of reading a listing."""
    if isinstance(value, str) and value.endswith("Z"):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    return parse_timestamp(value)


@cache
def _session() -> Any:
    """Session of all clients. Its `client` has an overload for every service, most of whose types are not installed."""
    session: Any = botocore.session.get_session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse_moment)
    return cast("Any", boto3).Session(botocore_session=session)


@cache
def _client(service: str, region: str | None, connections: int = 10) -> Any:
    """Make a client once: that takes some 10 ms, and any thread may use it."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=connections,
        connect_timeout=10,
        read_timeout=60,
        user_agent_extra="flowise-ops",
    )
    return _session().client(service, region_name=region, config=config)


def s3_client(region: str | None = None, *, workers: int = 1) -> "S3Client":
    """S3, with a connection for each worker."""
    return _client("s3", region, workers + 2)


def rds_client(region: str | None = None) -> "RDSClient":
    """RDS."""
    return _client("rds", region)


def backup_client(region: str | None = None) -> "BackupClient":
    """AWS Backup."""
    return _client("backup", region)


def cloudwatch_client(region: str | None = None) -> "CloudWatchClient":
    """CloudWatch."""
    return _client("cloudwatch", region)


def secrets_client(region: str | None = None) -> "SecretsManagerClient":
    """Secrets Manager."""
    return _client("secretsmanager", region)

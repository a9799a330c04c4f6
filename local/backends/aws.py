"""Clients for the moto server, which takes any credentials."""

from typing import TYPE_CHECKING, Any, cast, final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sts.client import STSClient


@final
class AwsClients:
    """Makes clients for one environment; each call makes a new one, so they may be used from any thread."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._arguments: dict[str, Any] = {
            "endpoint_url": endpoint,
            "region_name": region,
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
            # Paths, because no name below 127.0.0.1 resolves; no proxy; no retry, because a dead moto stays dead.
            "config": Config(s3={"addressing_style": "path"}, proxies={}, retries={"total_max_attempts": 1}),
        }

    def s3(self) -> "S3Client":
        """Client for the buckets."""
        return cast("S3Client", self._make("s3"))

    def rds(self) -> "RDSClient":
        """Client for RDS."""
        return cast("RDSClient", self._make("rds"))

    def secrets(self) -> "SecretsManagerClient":
        """Client for Secrets Manager."""
        return cast("SecretsManagerClient", self._make("secretsmanager"))

    def sts(self) -> "STSClient":
        """Client for STS."""
        return cast("STSClient", self._make("sts"))

    def _make(self, service: str) -> Any:
        # A session of its own: the default one is not safe to use from several threads.
        session = boto3.session.Session()
        return cast("Any", session).client(service, **self._arguments)

"""boto3 clients for one moto, by service and region."""

import threading
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal, final, overload

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

if TYPE_CHECKING:
    from mypy_boto3_acm.client import ACMClient
    from mypy_boto3_backup.client import BackupClient
    from mypy_boto3_cloudfront.client import CloudFrontClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_eks.client import EKSClient
    from mypy_boto3_elasticache.client import ElastiCacheClient
    from mypy_boto3_elbv2.client import ElasticLoadBalancingv2Client
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_route53.client import Route53Client
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sts.client import STSClient
    from mypy_boto3_wafv2.client import WAFV2Client

_models = Loader()
"""Service descriptions, read from disk once."""
_Made = dict[tuple[str, str], Any]


def _session() -> tuple[Any, _Made]:
    core = botocore.session.Session()
    core.register_component("data_loader", _models)
    return boto3.session.Session(botocore_session=core), {}


_lock_in_this_process = threading.Lock()
_in_this_process = cache(_session)
"""What `moto.mock_aws()` answers: it does for every session that was made after it was imported, whatever account."""


@final
class Clients:
    """Makes each client once. May be used from any thread: clients may, and the session stays behind a lock."""

    def __init__(self, region: str, endpoint_url: str | None) -> None:
        """Without an endpoint boto3 finds its own, which `moto.mock_aws()` answers in this process."""
        self._region = region
        self._lock = threading.Lock() if endpoint_url else _lock_in_this_process
        self._session, self._made = _session() if endpoint_url else _in_this_process()
        self._arguments: dict[str, Any] = {
            "endpoint_url": endpoint_url,
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
            # An agent of its own, because botocore's is put together anew for each request.
            # Paths, because no name below a loopback address resolves; no proxy; no retry, as moto answers or is gone.
            "config": Config(
                user_agent="local", s3={"addressing_style": "path"}, proxies={}, retries={"total_max_attempts": 1}
            ),
        }

    @cached_property
    def account(self) -> str:
        """Number of the account, which moto is asked for once."""
        return self("sts").get_caller_identity()["Account"]

    @overload
    def __call__(self, service: Literal["acm"], region: str | None = None) -> "ACMClient": ...
    @overload
    def __call__(self, service: Literal["backup"], region: str | None = None) -> "BackupClient": ...
    @overload
    def __call__(self, service: Literal["cloudfront"], region: str | None = None) -> "CloudFrontClient": ...
    @overload
    def __call__(self, service: Literal["cloudwatch"], region: str | None = None) -> "CloudWatchClient": ...
    @overload
    def __call__(self, service: Literal["ec2"], region: str | None = None) -> "EC2Client": ...
    @overload
    def __call__(self, service: Literal["ecr"], region: str | None = None) -> "ECRClient": ...
    @overload
    def __call__(self, service: Literal["eks"], region: str | None = None) -> "EKSClient": ...
    @overload
    def __call__(self, service: Literal["elasticache"], region: str | None = None) -> "ElastiCacheClient": ...
    @overload
    def __call__(self, service: Literal["elbv2"], region: str | None = None) -> "ElasticLoadBalancingv2Client": ...
    @overload
    def __call__(self, service: Literal["iam"], region: str | None = None) -> "IAMClient": ...
    @overload
    def __call__(self, service: Literal["kms"], region: str | None = None) -> "KMSClient": ...
    @overload
    def __call__(self, service: Literal["logs"], region: str | None = None) -> "CloudWatchLogsClient": ...
    @overload
    def __call__(self, service: Literal["rds"], region: str | None = None) -> "RDSClient": ...
    @overload
    def __call__(self, service: Literal["route53"], region: str | None = None) -> "Route53Client": ...
    @overload
    def __call__(self, service: Literal["s3"], region: str | None = None) -> "S3Client": ...
    @overload
    def __call__(self, service: Literal["secretsmanager"], region: str | None = None) -> "SecretsManagerClient": ...
    @overload
    def __call__(self, service: Literal["sns"], region: str | None = None) -> "SNSClient": ...
    @overload
    def __call__(self, service: Literal["sts"], region: str | None = None) -> "STSClient": ...
    @overload
    def __call__(self, service: Literal["wafv2"], region: str | None = None) -> "WAFV2Client": ...
    @overload
    def __call__(self, service: str, region: str | None = None) -> Any: ...  # those with a call or two

    def __call__(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, in the stack's region unless another is named."""
        key = (service, region or self._region)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._session.client(key[0], region_name=key[1], **self._arguments)
            return self._made[key]

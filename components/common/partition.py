"""Partitions of AWS: what ARNs and host names of a region begin and end with.

Principals of services such as `backup.amazonaws.com` are not among them: their names are the same in every partition,
except for those that hold a region (`service_host`).
"""

from typing import Final

import pulumi

_BY_PREFIX: Final = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
}
"""By the beginning of the region's name (botocore, data/partitions.json: `regionRegex`, `dnsSuffix`)."""


def partition(region: str) -> str:
    """What the ARNs of a region have in their second place."""
    return _of(region)[0]


def is_commercial(region: str) -> bool:
    """Whether CloudFront, AWS Budgets and us-east-1 can be reached from a region's account (docs/regions.md)."""
    return partition(region) == "aws"


def dns_suffix(region: str) -> str:
    """What the host names of the services of a region end with."""
    return _of(region)[1]


def build_arn(
    service: str, region: str, account_id: pulumi.Input[str], resource: pulumi.Input[str], *, place: str | None = None
) -> pulumi.Output[str]:
    """ARN in the partition of a region; `place` stands in it for the region: `""` for a global service, `*` for all."""
    return pulumi.Output.format(
        "arn:{0}:{1}:{2}:{3}:{4}", partition(region), service, region if place is None else place, account_id, resource
    )


def account_root(region: str, account_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """Principal that stands for the account itself."""
    return build_arn("iam", region, account_id, "root", place="")


def managed_policy(region: str, path: str) -> str:
    """ARN of a policy of AWS, such as `service-role/AmazonRDSEnhancedMonitoringRole`."""
    return f"arn:{partition(region)}:iam::aws:policy/{path}"


def service_host(service: str, region: str) -> str:
    """Host name of a service in a region: the principal of CloudWatch Logs, and what `kms:ViaService` holds."""
    return f"{service}.{region}.{dns_suffix(region)}"


def service_hosts(service: str, region: str) -> str:
    """Pattern of the host names of a service in all regions of a region's partition."""
    return f"{service}.*.{dns_suffix(region)}"


def _of(region: str) -> tuple[str, str]:
    return next((found for prefix, found in _BY_PREFIX.items() if region.startswith(prefix)), ("aws", "amazonaws.com"))

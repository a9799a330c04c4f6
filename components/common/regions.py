"""What a stack may say where its region is not one of the 27: partitions, certificates and what GovCloud lacks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

from components.common.model import GOVCLOUD
from components.common.partition import partition

_NAMES_AN_ARN = re.compile(r"(_arns?|snapshot_identifier)(\.\d+)?$|(^|\.)environment_secrets\.")
_NAMES_A_REGION = re.compile(r"(^|[._])regions?(\.\d+)?$")


def partition_problems(region: str, document: Mapping[str, Any]) -> Iterator[str]:
    """ARNs and regions of a stack file that lie in another partition; each line starts with its key path."""
    own = partition(region)
    for key, text in _texts("", document):
        if _NAMES_AN_ARN.search(key) and text.startswith("arn:") and (found := text.split(":")[1]) != own:
            yield (
                f"{key}: {text} lies in AWS's partition {found}, and aws:region {region} in {own}; an account of one "
                f"partition knows nothing of another. Name one that begins with arn:{own}:"
            )
        elif _NAMES_A_REGION.search(key) and (found := partition(text)) != own:
            yield (
                f"{key}: {text} lies in AWS's partition {found}, and aws:region {region} in {own}; an account of one "
                f"partition does not reach another. Name a region of {own}"
            )


def bundle_url(region: str) -> str:
    """Where AWS publishes the certificates of RDS of a region (RDS user guide, "Certificate bundles by AWS Region")."""
    home = ".us-gov-west-1" if region in GOVCLOUD else ""
    return f"https://truststore.pki{home}.rds.amazonaws.com/{region}/{region}-bundle.pem"


def govcloud_problems(sections: Mapping[str, Any]) -> Iterator[str]:
    """What a stack in GovCloud lacks, and what it says that is not there; docs/regions.md has the sources.

    A section that is wrong in itself is not in `sections`; one that is left out is None.
    """
    region = sections.get("region")
    if region not in GOVCLOUD:
        return
    there = f"in {region} (GovCloud)"
    if sections.get("ingress", sections) is None:
        yield (
            f"ingress: is missing; {there} people come in by an ingress of the cluster, because CloudFront is outside "
            "of GovCloud and its own load balancer was not tried there. Add a flowise:ingress section"
        )
    cluster = sections.get("cluster")
    if cluster and cluster.existing is None:
        yield (
            f"cluster.existing: is missing; {there} Flowise needs a cluster that exists: one of the stack's own takes "
            "its metrics server from an EKS add-on that was not confirmed there. Name yours in cluster.existing"
        )
    if sections.get("runner"):
        yield (
            f"runner: its connection to GitHub by AWS CodeConnections was not confirmed {there}. Remove it, and use a "
            "runner of yours"
        )
    if sections.get("malware_scan"):
        yield (
            f"malware_scan: Malware Protection for S3 was not confirmed {there}. Remove it, and scan files before they "
            "are uploaded"
        )
    observability = sections.get("observability")
    if observability and observability.budget:
        yield (
            f"observability.budget: AWS Budgets has no endpoint {there}. Remove it, and make the budget in the "
            "standard account that pays for this one"
        )
    backup = sections.get("backup")
    if backup and backup.restore_tests != "off":
        yield (
            f'backup.restore_tests: restore testing of AWS Backup was not confirmed {there}. Set it to "off", and '
            "restore by hand now and then (docs/recovery.md)"
        )


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text in a stack file with its key path."""
    if isinstance(value, str):
        yield key, value
        return
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value).items()
    elif isinstance(value, Sequence):
        inner = ((str(number), each) for number, each in enumerate(cast("Sequence[object]", value)))
    else:
        return
    for name, each in inner:
        yield from _texts(f"{key}.{name}" if key else name, each)

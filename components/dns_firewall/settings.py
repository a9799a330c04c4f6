"""What a stack decides about the names that its network may ask DNS for."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from components.common.model import Locally, LogRetentionDays, Settings, example
from components.common.spelling import Spelling

ManagedList = Literal[
    "AWSManagedDomainsAggregateThreatList",
    "AWSManagedDomainsAmazonGuardDutyThreatList",
    "AWSManagedDomainsBotnetCommandandControl",
    "AWSManagedDomainsMalwareDomainList",
]
"""Lists that AWS keeps (Route 53 developer guide, "Managed Domain Lists"); the first holds those of the others."""

ListId = Annotated[
    str,
    Spelling(
        pattern=r"^rslvr-fdl-[0-9a-f]{8,32}$",
        is_="the id that a managed domain list has in the stack's region",
        examples=["rslvr-fdl-0123456789abcdef"],
        wrong=((r"^AWSManaged", "it is the list's name, which stands before the colon"),),
        find="`aws route53resolver list-firewall-domain-lists --region REGION --query "
        "'FirewallDomainLists[?ManagedOwnerName].[Name,Id]' --output text` prints them",
    ),
]
AllowedDomain = Annotated[
    str,
    Spelling(
        pattern=r"^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$",
        is_="a domain name, with *. before it for all names below it",
        examples=["api.openai.com", "*.example.com"],
        wrong=(
            (r"^\w+://", "it begins with a scheme"),
            (r"/", "it has a path"),
            (r":\d+$", "it has a port"),
            (r"^\.", "it begins with a dot; all names below one are written *.example.com"),
            (r"\.$", "it ends with a dot"),
            (r"^\*(\.[^.]*)?$", "it stands for nearly every name, and nothing would be filtered"),
            (r".\*", "it has a star that is not at its beginning"),
            (r"[A-Z]", "it has capitals"),
            (r"^[\d.]+$", "it is an address, and DNS is asked for names"),
        ),
    ),
]
"""What DNS Firewall takes: letters, digits, hyphens, dots, and a star at the beginning (Route 53 developer guide,
"Managing your own domain lists")."""


class DnsFirewallThresholds(Settings):
    """When an alarm goes off; alarms need `flowise:observability`."""

    queries_not_allowed: Annotated[int, Field(ge=0, le=10_000_000)] = 20
    """DNS queries in five minutes for domains that are not in `allowed_domains`."""


class DnsFirewallSettings(Settings):
    """A Route 53 Resolver DNS Firewall on the stack's VPC (docs/dns-firewall.md)."""

    model_config = example(
        mode="block",
        allowed_domains=["api.openai.com", "*.anthropic.com"],
        managed_lists={
            "AWSManagedDomainsAggregateThreatList": "rslvr-fdl-0123456789abcdef",
            "AWSManagedDomainsAmazonGuardDutyThreatList": "rslvr-fdl-1123456789abcdef",
        },
    )
    locally: ClassVar = Locally(note="DNS is filtered on AWS only; here every name is answered (docs/dns-firewall.md)")

    mode: Literal["alert", "block"] = "alert"
    """Whether a name that is listed, or not allowed, is answered, logged and counted, or not answered. Begin with
    `alert`."""
    answer: Literal["NXDOMAIN", "NODATA"] = "NXDOMAIN"
    """What is answered in `block`: there is no such name, or it has no such record."""
    fail_open: bool = False
    """Answer queries while DNS Firewall itself cannot evaluate them. False: they fail, and with them every connection
    by name (AWS's own default)."""
    allowed_domains: Annotated[list[AllowedDomain], Field(max_length=500)] | None = None
    """The only names that may be asked for, besides what the stack itself needs; the model providers belong here. None:
    every name that is in no managed list."""
    managed_lists: dict[ManagedList, ListId] = {}
    """Lists of AWS by name, each with its id in the stack's region: no data source finds them by name."""
    log_retention_days: LogRetentionDays = 90
    """Days to keep the log of all queries in CloudWatch."""
    thresholds: DnsFirewallThresholds = DnsFirewallThresholds()
    """When an alarm goes off."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.allowed_domains is None and not self.managed_lists:
            raise ValueError(
                "nothing would be filtered: name managed_lists (AWSManagedDomainsAggregateThreatList holds all of "
                "them), or allowed_domains, or remove the section"
            )
        return self

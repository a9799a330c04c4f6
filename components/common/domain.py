"""Mistakes in `flowise:domain` that only the stack's region, and what is in front of Flowise, make visible."""

from collections.abc import Iterator

from components.common.model import EDGE_REGION, DomainSettings

_REQUEST = "request it there, or import it (docs/domain.md)"


def certificate_problems(domain: DomainSettings, region: str) -> Iterator[str]:
    """Certificates that are missing or that AWS would refuse in mid-deployment; each line starts with its key path.

    CloudFront takes certificates of us-east-1 only (CloudFront Developer Guide, "Requirements for using SSL/TLS
    certificates with CloudFront"); a load balancer those of its own region (Elastic Load Balancing, User Guide for
    Application Load Balancers, "SSL certificates for your Application Load Balancer").
    """
    wanted = {
        "edge_certificate_arn": (domain.edge_certificate_arn, EDGE_REGION, "CloudFront takes certificates"),
        "regional_certificate_arn": (domain.regional_certificate_arn, region, "the load balancer takes certificates"),
    }
    if not domain.brings_certificates:
        if domain.hosted_zone_id is None:
            yield (
                f"domain.hosted_zone_id: is missing; name the Route 53 zone of this account that holds {domain.name}. "
                "Where the zone is elsewhere, bring certificates instead: "
                + (
                    f"domain.edge_certificate_arn ({EDGE_REGION}) and domain.regional_certificate_arn ({region})"
                    if region != EDGE_REGION
                    else f"domain.edge_certificate_arn ({EDGE_REGION})"
                )
            )
        return
    for key, (arn, needed_in, taker) in wanted.items():
        if arn is None and region != EDGE_REGION:
            yield (
                f"domain.{key}: is missing; with certificates of yours {taker} of {needed_in} only, and aws:region is "
                f"{region}: bring one for each; {_REQUEST}"
            )
        elif arn and (found := arn.split(":")[3]) != needed_in:
            yield (
                f"domain.{key}: {arn} is in {found}; allowed: a certificate in {needed_in}, because {taker} of "
                f"{needed_in} only; {_REQUEST}"
            )

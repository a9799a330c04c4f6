"""Mistakes in `flowise:domain` that only the stack's region, and what is in front of Flowise, make visible."""

from collections.abc import Iterator

from components.common.model import EDGE_REGION, DomainSettings

_REQUEST = "request it there, or import it (docs/domain.md)"


def certificate_problems(domain: DomainSettings, region: str, *, behind_cloudfront: bool) -> Iterator[str]:
    """Certificates that are missing or that AWS would refuse in mid-deployment; each line starts with its key path.

    CloudFront takes certificates of us-east-1 only (CloudFront Developer Guide, "Requirements for using SSL/TLS
    certificates with CloudFront"); a load balancer those of its own region (Elastic Load Balancing, User Guide for
    Application Load Balancers, "SSL certificates for your Application Load Balancer").
    """
    needed = {"regional_certificate_arn": region}
    if behind_cloudfront:
        needed = {"edge_certificate_arn": EDGE_REGION} | ({} if region == EDGE_REGION else needed)
    if not domain.brings_certificates:
        if domain.hosted_zone_id is None:
            instead = " and ".join(f"domain.{key} ({where})" for key, where in needed.items())
            yield (
                f"domain.hosted_zone_id: is missing; name the Route 53 zone of this account that holds {domain.name}. "
                f"Where the zone is elsewhere, bring certificates instead: {instead}"
            )
        return
    if not behind_cloudfront and domain.edge_certificate_arn:
        yield (
            f"domain.edge_certificate_arn: {domain.edge_certificate_arn} is for CloudFront, and with flowise:internal "
            "there is none. Remove it; the load balancer's is domain.regional_certificate_arn"
        )
    given = {
        "edge_certificate_arn": (domain.edge_certificate_arn, EDGE_REGION, "CloudFront takes certificates"),
        "regional_certificate_arn": (domain.regional_certificate_arn, region, "the load balancer takes certificates"),
    }
    one_does = behind_cloudfront and region == EDGE_REGION
    for key, (arn, needed_in, taker) in given.items():
        if arn is None:
            if key in needed and not one_does:
                yield (
                    f"domain.{key}: is missing; with certificates of yours {taker} of {needed_in} only, and aws:region "
                    f"is {region}; {_REQUEST}"
                )
        elif (found := arn.split(":")[3]) != needed_in and (behind_cloudfront or key in needed):
            yield (
                f"domain.{key}: {arn} is in {found}; allowed: a certificate in {needed_in}, because {taker} of "
                f"{needed_in} only; {_REQUEST}"
            )

"""Whether certificates and records of the public name can be made, or those that the stack file names can be used."""

from collections.abc import Iterator
from typing import Any

from components.common.model import EDGE_REGION, DomainSettings
from delivery.preflight.model import Answer, Subject, exists

_CLOUDFRONT_KEYS = frozenset({"RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1"})
"""ACM User Guide, "Prerequisites for importing ACM certificates"; a load balancer takes every key of ACM."""


def domain(subject: Subject) -> Iterator[Answer]:
    """What the name needs, whoever makes it."""
    wanted = subject.settings.domain
    if wanted is None:
        yield Answer(about="domain", good=True, text="no name of its own: nothing to ask")
        return
    if wanted.brings_certificates:
        yield from _certificates(subject, wanted)
    if wanted.hosted_zone_id:
        yield from _zone(subject, wanted, wanted.hosted_zone_id)


def _certificates(subject: Subject, wanted: DomainSettings) -> Iterator[Answer]:
    given = {
        "edge_certificate_arn": (wanted.edge_certificate_arn, EDGE_REGION),
        "regional_certificate_arn": (wanted.regional_certificate_arn, subject.settings.region),
    }
    for key, (arn, region) in given.items():
        if arn is None:
            continue
        acm = subject.ask("acm", region)
        if not exists(
            lambda acm=acm, arn=arn: acm.describe_certificate(CertificateArn=arn), "ResourceNotFoundException"
        ):
            todo = f"correct flowise:domain.{key} (`aws acm list-certificates --region {region}`)"
            yield Answer(about="domain", good=False, text=f"there is no certificate {arn} here", todo=todo)
            continue
        found: dict[str, Any] = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        cloudfront = bool(subject.settings.cloudfront)
        shown = cloudfront and (key == "edge_certificate_arn" or wanted.edge_certificate_arn is None)
        problems = list(_unusable(found, wanted.name, cloudfront=cloudfront, shown_by_cloudfront=shown))
        yield Answer(
            about="domain",
            good=not problems,
            text=f"{key} " + ("; ".join(problems) if problems else f"covers {wanted.name}"),
            todo="docs/domain.md says what a certificate must be",
        )


def _unusable(certificate: dict[str, Any], name: str, *, cloudfront: bool, shown_by_cloudfront: bool) -> Iterator[str]:
    if (status := certificate.get("Status")) != "ISSUED":
        yield f"is {status}, not ISSUED"
    names = [certificate.get("DomainName", ""), *certificate.get("SubjectAlternativeNames", [])]
    if not {name, f"*.{name.partition('.')[2]}"} & set(names):
        yield f"covers {', '.join(sorted(set(names)))}, not {name}"
    algorithm = str(certificate.get("KeyAlgorithm", "")).replace("-", "_")
    if shown_by_cloudfront and algorithm not in _CLOUDFRONT_KEYS:
        yield f"has a key of {algorithm}, which CloudFront does not take"
    if cloudfront and certificate.get("Type") == "PRIVATE":
        yield "is of a private authority, and CloudFront takes public ones only, from the load balancer too"


def _zone(subject: Subject, wanted: DomainSettings, zone_id: str) -> Iterator[Answer]:
    route53 = subject.ask("route53", EDGE_REGION)
    if not exists(lambda: route53.get_hosted_zone(Id=zone_id), "NoSuchHostedZone"):
        todo = "correct flowise:domain.hosted_zone_id (`aws route53 list-hosted-zones-by-name`)"
        yield Answer(about="domain", good=False, text=f"there is no hosted zone {zone_id} here", todo=todo)
        return
    zone = route53.get_hosted_zone(Id=zone_id)["HostedZone"]
    zone_name = zone["Name"].rstrip(".")
    private = zone.get("Config", {}).get("PrivateZone", False)
    fits = wanted.name == zone_name or wanted.name.endswith(f".{zone_name}")
    yield Answer(
        about="domain",
        good=fits and (not private or wanted.brings_certificates),
        text=f"{wanted.name} in {'private' if private else 'public'} zone {zone_name}",
        todo="a certificate is validated in the public zone that holds the name; correct flowise:domain",
    )
    if subject.is_deployed():
        return
    records = route53.list_resource_record_sets(HostedZoneId=zone_id, StartRecordName=wanted.name, MaxItems="10")[
        "ResourceRecordSets"
    ]
    taken = [r["Type"] for r in records if r["Name"].rstrip(".") == wanted.name and r["Type"] in {"A", "AAAA", "CNAME"}]
    yield Answer(
        about="domain",
        good=not taken,
        text=f"{wanted.name} has " + (f"records already: {', '.join(taken)}" if taken else "no record yet"),
        todo="remove them, and the name from the distribution that has it, or CloudFront answers CNAMEAlreadyExists",
    )

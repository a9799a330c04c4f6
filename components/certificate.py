"""SiteCertificate: TLS certificates for the public name, one for the edge and one for the load balancer."""

from dataclasses import dataclass
from typing import cast, final

import pulumi
import pulumi_aws as aws

from components.common.connections import Site
from components.common.context import StackScope
from components.common.model import EDGE_REGION, DomainSettings


@dataclass(frozen=True, kw_only=True)
class SiteCertificateArgs:
    """The name, and where it is needed."""

    domain: DomainSettings
    scope: StackScope
    """Region of the load balancer, and whether CloudFront needs a certificate too."""


@final
class SiteCertificate(pulumi.ComponentResource):
    """ACM certificates, validated through DNS and renewed by AWS for as long as the validation record stays.

    Where the stack file names certificates, nothing is made: they are validated and renewed by whoever owns the zone.
    """

    site: Site
    """The name with its certificates; known only when both are valid."""

    def __init__(
        self, resource_name: str, args: SiteCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("flowise:edge:SiteCertificate", resource_name, None, opts)
        given = args.domain.brings_certificates
        edge_arn, regional_arn = self._given(args) if given else self._made(resource_name, args)
        self.site = Site(
            name=args.domain.name,
            hosted_zone_id=args.domain.hosted_zone_id,
            edge_certificate_arn=edge_arn,
            regional_certificate_arn=regional_arn,
            renewed_here=not given,
        )
        self.register_outputs({"edge_arn": edge_arn, "regional_arn": regional_arn})

    def _given(self, args: SiteCertificateArgs) -> tuple[pulumi.Output[str] | None, pulumi.Output[str]]:
        """The owner's certificates; settings refuse one that is missing or lies in another region."""
        edge, regional = args.domain.edge_certificate_arn, args.domain.regional_certificate_arn
        if args.scope.internal:
            return None, pulumi.Output.from_input(cast(str, regional))
        edge_arn = pulumi.Output.from_input(cast(str, edge or regional))
        return edge_arn, edge_arn if not regional or regional == edge else pulumi.Output.from_input(regional)

    def _made(
        self, resource_name: str, args: SiteCertificateArgs
    ) -> tuple[pulumi.Output[str] | None, pulumi.Output[str]]:
        names = {EDGE_REGION: f"{resource_name}-edge"} if args.scope.internal is None else {}
        names.setdefault(args.scope.region, f"{resource_name}-regional")
        made = {region: self._certificate(name, args.domain, region) for region, name in names.items()}
        # ACM asks for the same record for every certificate of one name in one account.
        option = next(iter(made.values())).domain_validation_options[0]
        record = aws.route53.Record(
            resource_name,
            zone_id=cast(str, args.domain.hosted_zone_id),  # settings ask for it where no certificates are brought
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=300,
            opts=pulumi.ResourceOptions(parent=self),
        )
        arns = {region: self._validated(names[region], made[region], record, region) for region in names}
        return arns.get(EDGE_REGION) if args.scope.internal is None else None, arns[args.scope.region]

    def _certificate(self, name: str, domain: DomainSettings, region: str) -> aws.acm.Certificate:
        return aws.acm.Certificate(
            name,
            domain_name=domain.name,
            validation_method="DNS",
            region=region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _validated(
        self, name: str, certificate: aws.acm.Certificate, record: aws.route53.Record, region: str
    ) -> pulumi.Output[str]:
        return aws.acm.CertificateValidation(
            name,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=region,
            opts=pulumi.ResourceOptions(parent=self),
        ).certificate_arn

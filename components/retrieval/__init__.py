"""Retrieval: an Amazon OpenSearch Service domain for the vectors of retrieval flows."""

from dataclasses import dataclass
from typing import Final, final

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.connections import RetrievalConnection
from components.common.context import DataTier, StackContext
from components.common.iam import Statement, policy
from components.common.monitoring import Monitoring
from components.common.names import physical_name
from components.common.partition import build_arn
from components.retrieval.alarms import domain_monitoring
from components.retrieval.logs import log_groups
from components.retrieval.settings import RetrievalSettings

__all__ = ["Retrieval", "RetrievalArgs", "RetrievalSettings"]

PORT: Final = 443
_USER: Final = "flowise"
_TLS: Final = "Policy-Min-TLS-1-2-PFS-2023-10"
"""TLS 1.2 and 1.3 with perfect forward secrecy (OpenSearch Service API reference, DomainEndpointOptions)."""
_METHODS: Final = ("Delete", "Get", "Head", "Patch", "Post", "Put")


@dataclass(frozen=True, kw_only=True)
class RetrievalArgs:
    """What a stack decides about its OpenSearch domain, and where it lies."""

    settings: RetrievalSettings
    stack: StackContext
    tier: DataTier


@final
class Retrieval(pulumi.ComponentResource):
    """OpenSearch in the data subnets: encrypted, HTTPS only, for the pods of Flowise alone, with a user and a password.

    Flowise takes neither address nor password from its environment: people copy both from the secret into a credential
    of Flowise (docs/retrieval.md). AWS takes a snapshot every hour and keeps it for 14 days; the snapshots go with the
    domain (developer guide, "Creating index snapshots").
    """

    connection: RetrievalConnection
    """Where Flowise's pods connect."""
    monitoring: Monitoring
    """Alarms and graphs of the domain."""
    secret_arn: pulumi.Output[str]
    """Secrets Manager secret with `url`, `user` and `password` as JSON."""

    def __init__(self, resource_name: str, args: RetrievalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:retrieval:Retrieval", resource_name, None, opts)
        stack = args.stack
        name = physical_name("opensearch-domain")
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        keep = pulumi.ResourceOptions(parent=self, protect=stack.protected)
        # OpenSearch asks for an upper and a lower case letter, a digit and a sign (developer guide, "Fine-grained
        # access control"); these signs need no escaping in the URL that Flowise makes of user and password.
        password = random.RandomPassword(
            resource_name,
            length=40,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            min_special=1,
            override_special="-_.",
            opts=keep,
        ).result
        domain = self._domain(resource_name, name, account, password, args)
        self.connection = RetrievalConnection(host=domain.endpoint, port=PORT)
        self.monitoring = domain_monitoring(args.settings, domain_name=domain.domain_name, account_id=account)
        self.secret_arn = self._secret(resource_name, stack, domain.endpoint, password)
        self.register_outputs({"host": domain.endpoint, "secret_arn": self.secret_arn})

    def _domain(
        self,
        resource_name: str,
        name: str,
        account: pulumi.Output[str],
        password: pulumi.Output[str],
        args: RetrievalArgs,
    ) -> aws.opensearch.Domain:
        settings, stack = args.settings, args.stack
        arn = build_arn("es", stack.region, account, f"domain/{name}")
        logs = log_groups(
            resource_name,
            stack,
            retention_days=settings.log_retention_days,
            parent=self,
        )
        masters = settings.dedicated_master_type
        return aws.opensearch.Domain(
            resource_name,
            domain_name=name,
            engine_version=f"OpenSearch_{settings.opensearch_version}",
            cluster_config=aws.opensearch.DomainClusterConfigArgs(
                instance_type=settings.instance_type,
                instance_count=settings.nodes,
                zone_awareness_enabled=settings.zones > 1,
                zone_awareness_config=aws.opensearch.DomainClusterConfigZoneAwarenessConfigArgs(
                    availability_zone_count=settings.zones
                )
                if settings.zones > 1
                else None,
                dedicated_master_enabled=masters is not None,
                dedicated_master_type=masters,
                dedicated_master_count=3 if masters else None,
            ),
            ebs_options=aws.opensearch.DomainEbsOptionsArgs(
                ebs_enabled=True, volume_type="gp3", volume_size=settings.volume_gib
            ),
            vpc_options=aws.opensearch.DomainVpcOptionsArgs(
                subnet_ids=args.tier.subnets.ids.apply(lambda ids: ids[: settings.zones]),
                security_group_ids=[self._security_group(resource_name, args.tier)],
            ),
            encrypt_at_rest=aws.opensearch.DomainEncryptAtRestArgs(enabled=True, kms_key_id=stack.kms_key_arn),
            node_to_node_encryption=aws.opensearch.DomainNodeToNodeEncryptionArgs(enabled=True),
            domain_endpoint_options=aws.opensearch.DomainDomainEndpointOptionsArgs(
                enforce_https=True, tls_security_policy=_TLS
            ),
            advanced_security_options=aws.opensearch.DomainAdvancedSecurityOptionsArgs(
                enabled=True,
                internal_user_database_enabled=True,
                anonymous_auth_enabled=False,
                master_user_options=aws.opensearch.DomainAdvancedSecurityOptionsMasterUserOptionsArgs(
                    master_user_name=_USER, master_user_password=password
                ),
            ),
            # Whoever the security group admits and who has the password: a request with a password cannot be signed too
            # (developer guide, "Fine-grained access control", recommended configurations).
            access_policies=policy(
                Statement(
                    sid="WithPassword",
                    actions=[f"es:ESHttp{method}" for method in _METHODS],
                    resources=[pulumi.Output.concat(arn, "/*")],
                    principals={"AWS": ["*"]},
                )
            ),
            # An upsert names its index in each line of the request's body.
            advanced_options={"rest.action.multi.allow_explicit_index": "true"},
            off_peak_window_options=aws.opensearch.DomainOffPeakWindowOptionsArgs(
                enabled=True,
                off_peak_window=aws.opensearch.DomainOffPeakWindowOptionsOffPeakWindowArgs(
                    window_start_time=aws.opensearch.DomainOffPeakWindowOptionsOffPeakWindowWindowStartTimeArgs(
                        hours=settings.update_hour_utc, minutes=0
                    )
                ),
            ),
            software_update_options=aws.opensearch.DomainSoftwareUpdateOptionsArgs(auto_software_update_enabled=True),
            log_publishing_options=[
                aws.opensearch.DomainLogPublishingOptionArgs(log_type=type_, cloudwatch_log_group_arn=group)
                for type_, group in logs.items()
            ],
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=stack.protected,
                retain_on_delete=stack.protected,
                delete_before_replace=True,  # its name is given, and AWS has each once
            ),
        )

    def _security_group(self, resource_name: str, tier: DataTier) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            resource_name, description="OpenSearch from the pods of Flowise", vpc_id=tier.subnets.vpc_id, opts=child
        )
        for name, source in tier.allowed_security_group_ids.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{resource_name}-from-{name}",
                security_group_id=group.id,
                description=f"OpenSearch from {name}",
                referenced_security_group_id=source,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                opts=child,
            )
        return group.id

    def _secret(
        self, resource_name: str, stack: StackContext, host: pulumi.Output[str], password: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        keep = pulumi.ResourceOptions(parent=self, protect=stack.protected, retain_on_delete=stack.protected)
        secret = aws.secretsmanager.Secret(
            resource_name,
            name=physical_name("secret", "retrieval", separator="/"),
            description="Address, user and password of OpenSearch, for a credential of Flowise",
            kms_key_id=stack.kms_key_arn,
            recovery_window_in_days=30 if stack.protected else 0,
            opts=keep,
        )
        url = pulumi.Output.concat("https://", host)
        return aws.secretsmanager.SecretVersion(
            resource_name,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps({"url": url, "user": _USER, "password": password}),
            opts=keep,
        ).secret_arn

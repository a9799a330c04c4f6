"""FlowiseDb: the PostgreSQL database on Amazon RDS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self, final

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pydantic import Field, model_validator

from components.common.connections import DatabaseConnection, VectorsConnection
from components.common.context import StackContext, Subnets
from components.common.iam import service_trust
from components.common.model import Settings
from components.common.names import physical_name
from components.common.watched import WatchedDatabase

PORT = 5432
_LOG_EXPORTS = ("postgresql", "upgrade", "iam-db-auth-error")


class DatabaseSettings(Settings):
    """The database of a stack."""

    postgres_version: Literal["16", "17", "18"] = "17"
    """Major version; AWS applies minor versions in the maintenance window. Cannot be lowered."""
    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z][a-z0-9]+\.[a-z0-9]+$", examples=["db.m7g.large"])]
    """Size of the instance."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)] = 50
    """Storage at creation, in GiB (gp3). It grows by itself up to `max_storage_gib` and never shrinks."""
    max_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 500
    """Storage beyond which it does not grow, in GiB."""
    vectors: bool = False
    """Make a second database with pgvector, for retrieval flows; Flowise's Postgres vector store then uses it."""
    multi_az: bool = True
    """Keep a standby in another zone; a failover takes one to two minutes. Doubles the price."""
    backup_retention_days: Annotated[int, Field(ge=1, le=35)] = 7
    """Days back to which the database can be restored, to any second."""
    backup_window_utc: Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")] = "03:00-04:00"
    """When the daily snapshot is taken."""
    maintenance_window_utc: Annotated[
        str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun):\d{2}:\d{2}-(mon|tue|wed|thu|fri|sat|sun):\d{2}:\d{2}$")
    ] = (  # one pattern
        "sun:04:30-sun:05:30"
    )
    """When AWS may apply minor versions and patches; must not overlap the backup window."""
    monitoring_interval_seconds: Literal[0, 1, 5, 10, 15, 30, 60] = 60
    """How often the operating system's metrics are sent (enhanced monitoring); 0 turns it off."""
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep the server's logs in CloudWatch."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.max_storage_gib <= self.storage_gib * 1.1:
            raise ValueError(
                f"max_storage_gib {self.max_storage_gib} must be more than 10 % above storage_gib {self.storage_gib}, "
                "or RDS refuses to let the storage grow"
            )
        return self


@dataclass(frozen=True, kw_only=True)
class FlowiseDbArgs:
    """What a stack decides about its database, and where it lies."""

    settings: DatabaseSettings
    stack: StackContext
    subnets: Subnets
    """Subnets without a route to the internet, in two zones or more."""
    allowed_security_group_ids: Mapping[str, pulumi.Input[str]]
    """Security groups that may connect, by a name for each."""


@final
class FlowiseDb(pulumi.ComponentResource):
    """RDS PostgreSQL: encrypted, TLS only, private, backed up every day, with a final snapshot when it is deleted.

    The administrator's password is made, kept and rotated by RDS in Secrets Manager and never enters Pulumi's state.
    Flowise has a role of its own without administrative rights, which the migration Job makes.
    """

    connection: DatabaseConnection
    """How Flowise connects. The host name stays the same in a failover."""
    identifier: pulumi.Output[str]
    """Name of the instance in AWS, for alarms and runbooks."""
    arn: pulumi.Output[str]
    watched: WatchedDatabase

    def __init__(self, resource_name: str, args: FlowiseDbArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:database:FlowiseDb", resource_name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        identifier = physical_name("database", resource_name)
        security_group = self._security_group(resource_name, args)
        subnet_group = aws.rds.SubnetGroup(resource_name, subnet_ids=args.subnets.ids, opts=child)
        parameters = aws.rds.ParameterGroup(
            f"{resource_name}-{settings.postgres_version}",  # a major upgrade needs the old and the new one at once
            family=f"postgres{settings.postgres_version}",
            parameters=[
                {"name": "rds.force_ssl", "value": "1"},
                {"name": "log_lock_waits", "value": "1"},
                {"name": "log_min_duration_statement", "value": "2000"},
            ],
            opts=child,
        )
        logs = [
            aws.cloudwatch.LogGroup(
                f"{resource_name}-{export}",
                name=f"/aws/rds/instance/{identifier}/{export}",
                retention_in_days=settings.log_retention_days,
                kms_key_id=args.stack.kms_key_arn,
                opts=child,
            )
            for export in _LOG_EXPORTS
        ]
        snapshot_suffix = random.RandomId(f"{resource_name}-final-snapshot", byte_length=4, opts=child)
        instance = aws.rds.Instance(
            resource_name,
            identifier=identifier,
            engine="postgres",
            engine_version=settings.postgres_version,
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=True,
            instance_class=settings.instance_class,
            allocated_storage=settings.storage_gib,
            max_allocated_storage=settings.max_storage_gib,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=args.stack.kms_key_arn,
            multi_az=settings.multi_az,
            port=PORT,
            username="flowise_admin",
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.stack.kms_key_arn,
            db_subnet_group_name=subnet_group.name,
            vpc_security_group_ids=[security_group.id],
            publicly_accessible=False,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            parameter_group_name=parameters.name,
            backup_retention_period=settings.backup_retention_days,
            backup_window=settings.backup_window_utc,
            maintenance_window=settings.maintenance_window_utc,
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            skip_final_snapshot=False,
            final_snapshot_identifier=pulumi.Output.format("{0}-final-{1}", identifier, snapshot_suffix.hex),
            deletion_protection=args.stack.protected,
            enabled_cloudwatch_logs_exports=list(_LOG_EXPORTS),
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_retention_period=7,
            performance_insights_kms_key_id=args.stack.kms_key_arn,
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=self._monitoring_role(resource_name) if settings.monitoring_interval_seconds else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.stack.protected,
                retain_on_delete=args.stack.protected,
                depends_on=logs,  # RDS would make the groups itself, kept for ever and not encrypted with our key
            ),
        )
        password = random.RandomPassword(resource_name, length=40, special=False, opts=child)
        self.connection = DatabaseConnection(
            host=instance.address,
            port=instance.port,
            database_name="flowise",
            username="flowise",
            password=password.result,
            master_secret_arn=instance.master_user_secrets[0].secret_arn,
            vectors=self._vectors(resource_name) if settings.vectors else None,
        )
        self.identifier = instance.identifier
        self.arn = instance.arn
        self.watched = WatchedDatabase(
            identifier=instance.identifier,
            instance_class=settings.instance_class,
            storage_gib=settings.storage_gib,
        )
        self.register_outputs({"host": instance.address, "identifier": self.identifier, "arn": self.arn})

    def _vectors(self, resource_name: str) -> VectorsConnection:
        name = f"{resource_name}-vectors"
        child = pulumi.ResourceOptions(parent=self)
        password = random.RandomPassword(name, length=40, special=False, opts=child).result
        return VectorsConnection(database_name="flowise_vectors", username="flowise_vectors", password=password)

    def _security_group(self, resource_name: str, args: FlowiseDbArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            resource_name,
            description="PostgreSQL from the pods of Flowise",
            vpc_id=args.subnets.vpc_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for name, source in args.allowed_security_group_ids.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{resource_name}-from-{name}",
                security_group_id=group.id,
                description=f"PostgreSQL from {name}",
                referenced_security_group_id=source,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return group

    def _monitoring_role(self, resource_name: str) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{resource_name}-monitoring", assume_role_policy=service_trust("monitoring.rds.amazonaws.com"), opts=child
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{resource_name}-monitoring",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=child,
        )
        # Through the attachment: RDS tests the role's rights when it is given one.
        return pulumi.Output.all(role.arn, attachment.id).apply(lambda values: str(values[0]))

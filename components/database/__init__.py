"""FlowiseDb: the PostgreSQL database on Amazon RDS."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.connections import BackupTarget, DatabaseConnection, VectorsConnection
from components.common.context import DataTier, StackContext
from components.common.iam import own_account, service_trust
from components.common.monitoring import DatabaseMetrics
from components.common.partition import managed_policy
from components.database.instance import PORT, SharedInstanceConfig, database_instance
from components.database.settings import DatabaseSettings

__all__ = ["DatabaseSettings", "FlowiseDb", "FlowiseDbArgs"]


@dataclass(frozen=True, kw_only=True)
class FlowiseDbArgs:
    """What a stack decides about its database, and where it lies."""

    settings: DatabaseSettings
    stack: StackContext
    tier: DataTier


@final
class FlowiseDb(pulumi.ComponentResource):
    """RDS PostgreSQL: encrypted, TLS only, private, backed up every day, with a final snapshot when it is deleted.

    The administrator's password is made, kept and rotated by RDS in Secrets Manager and never enters Pulumi's state.
    Flowise has a role of its own without administrative rights, which the migration Job makes.

    A restore makes a new generation beside the old one (decision 18): same subnets, security group, parameters and
    protection, a new name. Earlier generations stay until a person names them.
    """

    connection: DatabaseConnection
    """How Flowise connects. The host name stays the same in a failover and changes with the generation."""
    identifier: pulumi.Output[str]
    """Name of the instance in use, for alarms and runbooks."""
    arn: pulumi.Output[str]
    """ARN of the instance in use."""
    metrics: DatabaseMetrics
    backup: BackupTarget
    """What backups and restore tests must know."""

    def __init__(self, resource_name: str, args: FlowiseDbArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:database:FlowiseDb", resource_name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        security_group = self._security_group(resource_name, args)
        subnet_group = aws.rds.SubnetGroup(resource_name, subnet_ids=args.tier.subnets.ids, opts=child)
        # RDS upgrades in the maintenance window. Until then the instance uses the group of the version before, and RDS
        # deletes none in use (API reference, DeleteDBParameterGroup). So every earlier version keeps its group; a group
        # costs nothing.
        parameters = [
            aws.rds.ParameterGroup(
                f"{resource_name}-{version}",
                family=f"postgres{version}",
                parameters=_parameters(settings),
                opts=child,
            )
            for version in settings.parameter_group_versions
        ][-1]
        shared = SharedInstanceConfig(
            subnet_group_name=subnet_group.name,
            security_group_id=security_group.id,
            parameter_group_name=parameters.name,
            monitoring_role_arn=self._monitoring_role(resource_name, args.stack.region)
            if settings.monitoring_interval_seconds
            else None,
            final_snapshot_suffix=random.RandomId(f"{resource_name}-final-snapshot", byte_length=4, opts=child).hex,
        )
        generations: list[aws.rds.Instance] = []
        for number in settings.kept_generations:
            made = database_instance(
                resource_name,
                number,
                parent=self,
                settings=settings,
                stack=args.stack,
                shared=shared,
                earlier=list(generations),
            )
            generations.append(made)
        instance = generations[-1]
        self.connection = DatabaseConnection(
            host=instance.address,
            port=instance.port,
            database_name="flowise",
            username="flowise",
            password=self._password(resource_name, settings),
            master_secret_arn=instance.master_user_secrets[0].secret_arn,
            vectors=self._vectors(f"{resource_name}-vectors", settings) if settings.vectors else None,
        )
        self.identifier = instance.identifier
        self.arn = instance.arn
        self.metrics = DatabaseMetrics(
            identifier=instance.identifier,
            instance_class=settings.instance_class,
            storage_gib=instance.allocated_storage,
        )
        self.backup = BackupTarget(
            arn=instance.arn, subnet_group_name=subnet_group.name, security_group_id=security_group.id
        )
        self.register_outputs({"host": instance.address, "identifier": self.identifier, "arn": self.arn})

    def _password(self, resource_name: str, settings: DatabaseSettings) -> pulumi.Output[str]:
        turn = settings.password_generation
        keepers = {"generation": str(turn)} if turn > 1 else None
        child = pulumi.ResourceOptions(parent=self)
        return random.RandomPassword(resource_name, length=40, special=False, keepers=keepers, opts=child).result

    def _vectors(self, resource_name: str, settings: DatabaseSettings) -> VectorsConnection:
        return VectorsConnection(
            database_name="flowise_vectors",
            username="flowise_vectors",
            password=self._password(resource_name, settings),
        )

    def _security_group(self, resource_name: str, args: FlowiseDbArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            resource_name,
            description="PostgreSQL from the pods of Flowise",
            vpc_id=args.tier.subnets.vpc_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for name, source in args.tier.allowed_security_group_ids.items():
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

    def _monitoring_role(self, resource_name: str, region: str) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        # RDS user guide, "Setting up and enabling Enhanced Monitoring", protection against the confused deputy.
        trust = service_trust("monitoring.rds.amazonaws.com", conditions=own_account(account_id))
        role = aws.iam.Role(f"{resource_name}-monitoring", assume_role_policy=trust, opts=child)
        attachment = aws.iam.RolePolicyAttachment(
            f"{resource_name}-monitoring",
            role=role.name,
            policy_arn=managed_policy(region, "service-role/AmazonRDSEnhancedMonitoringRole"),
            opts=child,
        )
        # Through the attachment: RDS tests the role's rights when it is given one.
        return pulumi.Output.all(role.arn, attachment.id).apply(lambda values: str(values[0]))


def _parameters(settings: DatabaseSettings) -> list[aws.rds.ParameterGroupParameterArgsDict]:
    return [
        {"name": "rds.force_ssl", "value": "1"},
        {"name": "log_lock_waits", "value": "1"},
        {"name": "log_min_duration_statement", "value": str(settings.slow_statement_milliseconds)},
        # By default PostgreSQL logs the values of a slow statement in full (manual, "Error Reporting and Logging"): a
        # chat message would stand in CloudWatch.
        {"name": "log_parameter_max_length", "value": "0"},
    ]

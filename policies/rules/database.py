"""PostgreSQL on RDS."""

from collections.abc import Iterator

from policies.model import Resource, Stack, number, owner_rule, rule, text
from policies.versions import POSTGRESQL

INSTANCE = "aws:rds/instance:Instance"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"
_SHORTEST_RETENTION_DAYS = 7
_GUESSABLE_NAMES = ("admin", "administrator", "postgres", "root")


@rule(
    INSTANCE,
    fix="set storage_encrypted and kms_key_id; data moves by restoring an encrypted copy of a snapshot",
    controls=("AWS RDS.3", "CIS-AWS 3.2.1"),
)
def rds_encrypted(db: Resource) -> Iterator[str]:
    """Flows and chats on disk, in snapshots and replicas are readable for whoever gets at the storage."""
    if db.lacks("storageEncrypted", True):
        yield "storageEncrypted is not true"
    if db.without("kmsKeyId"):
        yield "kmsKeyId names no key, so AWS's shared key decides who may read"


@rule(INSTANCE, fix="set publicly_accessible to False", controls=("AWS RDS.2", "CIS-AWS 3.2.3"))
def rds_private(db: Resource) -> Iterator[str]:
    """A database with a public address is one wrong security group away from the internet."""
    if db.lacks("publiclyAccessible", False, None):
        yield "publiclyAccessible is true"


@rule(PARAMETER_GROUP, fix="set the parameter rds.force_ssl to 1")
def rds_tls_required(group: Resource) -> Iterator[str]:
    """A client that forgets TLS sends the password and every chat in plain text."""
    if not text(group.get("family")).startswith("postgres"):
        return
    values = {text(p.get("name")): p.get("value") for p in group.items("parameters")}
    if values.get("rds.force_ssl") not in ("1", 1):
        yield f"rds.force_ssl is {values.get('rds.force_ssl', 'not set')}"


@rule(INSTANCE, fix="set deletion_protection to True", controls=("AWS RDS.8",), protected_only=True)
def rds_deletion_protection(db: Resource) -> Iterator[str]:
    """One wrong call deletes the database; this makes it two."""
    if db.lacks("deletionProtection", True):
        yield "deletionProtection is not true"


@rule(INSTANCE, fix="set skip_final_snapshot to False and name final_snapshot_identifier", protected_only=True)
def rds_final_snapshot(db: Resource) -> Iterator[str]:
    """Without a final snapshot a deleted instance takes the data with it."""
    if db.lacks("skipFinalSnapshot", False, None):
        yield "skipFinalSnapshot is true"
    elif db.without("finalSnapshotIdentifier"):
        yield "finalSnapshotIdentifier names no snapshot"


@rule(INSTANCE, fix="set backup_retention_period to at least 7 days", controls=("AWS RDS.11",))
def rds_backups(db: Resource) -> Iterator[str]:
    """Automatic backups are what point-in-time recovery starts from; a mistake is often found days later."""
    days = number(db.get("backupRetentionPeriod"))
    if db.without("backupRetentionPeriod") or (days is not None and days < _SHORTEST_RETENTION_DAYS):
        yield f"backupRetentionPeriod is {days or 0:g} days, less than {_SHORTEST_RETENTION_DAYS}"


@rule(INSTANCE, fix="set delete_automated_backups to False", protected_only=True)
def rds_backups_outlive_instance(db: Resource) -> Iterator[str]:
    """By default RDS deletes the automatic backups together with the instance."""
    if db.lacks("deleteAutomatedBackups", False):
        yield "deleteAutomatedBackups is not false"


@rule(INSTANCE, fix="set multi_az to True", controls=("AWS RDS.5", "CIS-AWS 3.2.4"), protected_only=True)
def rds_several_zones(db: Resource) -> Iterator[str]:
    """A zone that fails must not stop Flowise until somebody restores a backup."""
    if db.lacks("multiAz", True):
        yield "multiAz is not true"


@rule(
    INSTANCE,
    fix="add postgresql and upgrade to enabled_cloudwatch_logs_exports",
    controls=("AWS RDS.9", "AWS RDS.36"),
)
def rds_logs_exported(db: Resource) -> Iterator[str]:
    """The instance keeps its logs for three days; an investigation needs them longer."""
    missing = {"postgresql", "upgrade"} - set(db.items("enabledCloudwatchLogsExports"))
    if missing and db.lacks("enabledCloudwatchLogsExports"):
        yield f"{', '.join(sorted(missing))} not exported"


@rule(INSTANCE, fix="set auto_minor_version_upgrade to True", controls=("AWS RDS.13", "CIS-AWS 3.2.2"))
def rds_minor_upgrades(db: Resource) -> Iterator[str]:
    """Minor versions carry PostgreSQL's security fixes."""
    if db.lacks("autoMinorVersionUpgrade", True, None):
        yield "autoMinorVersionUpgrade is false"


@rule(INSTANCE, fix="set copy_tags_to_snapshot to True", controls=("AWS RDS.17",))
def rds_tagged_snapshots(db: Resource) -> Iterator[str]:
    """A snapshot without tags is nobody's: cost reports and clean-ups miss it."""
    if db.lacks("copyTagsToSnapshot", True):
        yield "copyTagsToSnapshot is not true"


@rule(INSTANCE, fix="set monitoring_interval and monitoring_role_arn", controls=("AWS RDS.6",))
def rds_monitored(db: Resource) -> Iterator[str]:
    """Without figures of the operating system a slow database is guesswork."""
    if db.without("monitoringInterval"):
        yield "monitoringInterval is 0"


@rule(INSTANCE, fix="choose another username", controls=("AWS RDS.25",))
def rds_administrator_name(db: Resource) -> Iterator[str]:
    """The usual names are the ones that are tried first."""
    if db.get("username") in _GUESSABLE_NAMES:
        yield f"username is {db.get('username')}"


@rule(INSTANCE, fix="set manage_master_user_password and master_user_secret_kms_key_id; remove password")
def rds_password_managed(db: Resource) -> Iterator[str]:
    """A password that the program knows is in the state file, and nobody rotates it."""
    if db.get("password"):
        yield "password is set by the program"
    elif db.lacks("manageMasterUserPassword", True) and db.without("replicateSourceDb"):
        yield "manageMasterUserPassword is not true"
    elif db.without("masterUserSecretKmsKeyId"):
        yield "masterUserSecretKmsKeyId names no key"


@rule(INSTANCE, fix="set performance_insights_kms_key_id")
def rds_insights_encrypted(db: Resource) -> Iterator[str]:
    """Performance Insights keeps the text of statements, which holds people's data."""
    if db.get("performanceInsightsEnabled") is True and db.without("performanceInsightsKmsKeyId"):
        yield "performanceInsightsKmsKeyId names no key"


@owner_rule(INSTANCE, fix="raise database.postgres_version; docs/deploy.md says how")
def rds_version_supported(stack: Stack, db: Resource) -> Iterator[str]:
    """After standard support RDS charges per vCPU and hour, and later upgrades on a day of its own choice."""
    version = text(db.get("engineVersion")).split(".")[0]
    if not version or db.lacks("engine", "postgres"):
        return
    end = POSTGRESQL.get(version)
    if end is None:
        yield f"PostgreSQL {version} is not among the supported: {', '.join(POSTGRESQL)}"
    elif end < stack.today:
        yield f"standard support of PostgreSQL {version} ended on {end}"


@owner_rule(
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:opensearch/domain:Domain",
    fix="give it subnets of type Isolated",
)
def data_subnets_isolated(stack: Stack, group: Resource) -> Iterator[str]:
    """Data stores need no way to the internet; without a route there is none to abuse."""
    subnets = {subnet.id: subnet for subnet in stack.of("aws:ec2/subnet:Subnet") if subnet.id}
    for subnet_id in (*group.items("subnetIds"), *group.items("vpcOptions.subnetIds")):
        subnet = subnets.get(text(subnet_id))
        if subnet and subnet.lacks("tags.SubnetType", "Isolated"):
            yield f"subnet {subnet.name} is {subnet.get('tags.SubnetType')}"

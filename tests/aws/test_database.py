"""The database as AWS would show it."""

from typing import Any

import pytest

from tests.aws.environment import LocalEnvironment, peers


@pytest.fixture
def instance(local_env: LocalEnvironment) -> dict[str, Any]:
    """The stack's only database."""
    (found,) = local_env.aws("rds").describe_db_instances()["DBInstances"]
    return found


def test_database_survives_a_zone(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    assert instance["MultiAZ"] is local_env.promise.multi_az
    assert instance["DBInstanceClass"] == local_env.promise.instance_class
    assert instance["Engine"] == "postgres"
    assert instance["EngineVersion"] == "17"
    assert (instance["AllocatedStorage"], instance["MaxAllocatedStorage"]) == local_env.promise.storage_gib
    assert instance["StorageType"] == "gp3"


def test_database_can_be_restored(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    assert instance["BackupRetentionPeriod"] == local_env.promise.backup_days >= 7
    assert instance["PreferredBackupWindow"] == "03:00-04:00"
    assert instance["PreferredMaintenanceWindow"] == "sun:04:30-sun:05:30"
    assert instance["CopyTagsToSnapshot"]
    assert instance["AutoMinorVersionUpgrade"]


def test_database_is_hard_to_delete(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    assert instance["DeletionProtection"] is local_env.promise.protected
    record = local_env.only("rds/instance:Instance")
    assert record.protect is record.retain_on_delete is local_env.promise.protected
    # Only the provider knows these; it uses them when it deletes.
    assert record.inputs["skipFinalSnapshot"] is False
    assert record.inputs["deleteAutomatedBackups"] is False
    assert record.inputs["finalSnapshotIdentifier"].startswith(f"flowise-{local_env.stack}-database-final-")


def test_database_is_encrypted_with_our_key(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    assert instance["StorageEncrypted"]
    assert instance["KmsKeyId"] == local_env.key_arn
    assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    (group,) = instance["DBParameterGroups"]
    parameters = local_env.aws("rds").describe_db_parameters(DBParameterGroupName=group["DBParameterGroupName"])
    values = {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in parameters["Parameters"]}
    assert values["rds.force_ssl"] == "1"


def test_parameters_fit_the_version(local_env: LocalEnvironment) -> None:
    name = local_env.only("rds/parameterGroup:ParameterGroup", "database-17").id
    (group,) = local_env.aws("rds").describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"]
    assert group["DBParameterGroupFamily"] == "postgres17"


def test_database_lies_in_data_subnets_only(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    group = instance["DBSubnetGroup"]
    assert group["VpcId"] == local_env.vpc_id
    assert {subnet["SubnetIdentifier"] for subnet in group["Subnets"]} == set(local_env.subnets("Isolated"))
    assert instance["PubliclyAccessible"] is False


def test_only_pods_reach_the_database(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    (membership,) = instance["VpcSecurityGroups"]
    group = local_env.group(membership["VpcSecurityGroupId"])
    assert peers(group["IpPermissions"]) == [(5432, 5432, local_env.cluster_group_id)]
    assert group["IpPermissionsEgress"] == []
    assert instance["Endpoint"]["Port"] == 5432


def test_database_is_observed(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    assert instance["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade", "iam-db-auth-error"]
    assert instance["MonitoringInterval"] == 60
    assert instance["MonitoringRoleArn"] == local_env.only("iam/role:Role", "database-monitoring").outputs["arn"]
    inputs = local_env.only("rds/instance:Instance").inputs  # moto forgets these
    assert inputs["performanceInsightsEnabled"]
    assert inputs["performanceInsightsKmsKeyId"] == local_env.key_arn
    assert inputs["databaseInsightsMode"] == "standard"


def test_administrator_password_stays_with_rds(local_env: LocalEnvironment, instance: dict[str, Any]) -> None:
    record = local_env.only("rds/instance:Instance")
    assert record.inputs["manageMasterUserPassword"]
    assert "password" not in record.inputs
    assert record.outputs["masterUserSecrets"][0]["secretArn"] == instance["MasterUserSecret"]["SecretArn"]
    assert instance["MasterUserSecret"]["KmsKeyId"] == local_env.key_arn
    secret = local_env.aws("secretsmanager").describe_secret(SecretId=instance["MasterUserSecret"]["SecretArn"])
    assert secret["OwningService"] == "rds"

"""The database as AWS would show it."""

from typing import Any

import pytest

from tests.aws.estate import Estate, peers


@pytest.fixture
def instance(estate: Estate) -> dict[str, Any]:
    """The stack's only database."""
    (found,) = estate.aws("rds").describe_db_instances()["DBInstances"]
    return found


def test_database_survives_a_zone(estate: Estate, instance: dict[str, Any]) -> None:
    assert instance["MultiAZ"] is estate.promise.multi_az
    assert instance["DBInstanceClass"] == estate.promise.instance_class
    assert instance["Engine"] == "postgres"
    assert instance["EngineVersion"] == "17"
    assert (instance["AllocatedStorage"], instance["MaxAllocatedStorage"]) == estate.promise.storage_gib
    assert instance["StorageType"] == "gp3"


def test_database_can_be_restored(estate: Estate, instance: dict[str, Any]) -> None:
    assert instance["BackupRetentionPeriod"] == estate.promise.backup_days >= 7
    assert instance["PreferredBackupWindow"] == "03:00-04:00"
    assert instance["PreferredMaintenanceWindow"] == "sun:04:30-sun:05:30"
    assert instance["CopyTagsToSnapshot"]
    assert instance["AutoMinorVersionUpgrade"]


def test_database_is_hard_to_delete(estate: Estate, instance: dict[str, Any]) -> None:
    assert instance["DeletionProtection"] is estate.promise.protected
    record = estate.only("rds/instance:Instance")
    assert record.protect is record.retain_on_delete is estate.promise.protected
    # Only the provider knows these; it uses them when it deletes.
    assert record.inputs["skipFinalSnapshot"] is False
    assert record.inputs["deleteAutomatedBackups"] is False
    assert record.inputs["finalSnapshotIdentifier"].startswith(f"flowise-{estate.stack}-database-final-")


def test_database_is_encrypted_with_our_key(estate: Estate, instance: dict[str, Any]) -> None:
    assert instance["StorageEncrypted"]
    assert instance["KmsKeyId"] == estate.key_arn
    assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    (group,) = instance["DBParameterGroups"]
    parameters = estate.aws("rds").describe_db_parameters(DBParameterGroupName=group["DBParameterGroupName"])
    values = {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in parameters["Parameters"]}
    assert values["rds.force_ssl"] == "1"


def test_parameters_fit_the_version(estate: Estate) -> None:
    name = estate.only("rds/parameterGroup:ParameterGroup", "database-17").id
    (group,) = estate.aws("rds").describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"]
    assert group["DBParameterGroupFamily"] == "postgres17"


def test_database_lies_in_data_subnets_only(estate: Estate, instance: dict[str, Any]) -> None:
    group = instance["DBSubnetGroup"]
    assert group["VpcId"] == estate.vpc_id
    assert {subnet["SubnetIdentifier"] for subnet in group["Subnets"]} == set(estate.subnets("Isolated"))
    assert instance["PubliclyAccessible"] is False


def test_only_pods_reach_the_database(estate: Estate, instance: dict[str, Any]) -> None:
    (membership,) = instance["VpcSecurityGroups"]
    group = estate.group(membership["VpcSecurityGroupId"])
    assert peers(group["IpPermissions"]) == [(5432, 5432, estate.cluster_group_id)]
    assert group["IpPermissionsEgress"] == []
    assert instance["Endpoint"]["Port"] == 5432


def test_database_is_observed(estate: Estate, instance: dict[str, Any]) -> None:
    assert instance["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade", "iam-db-auth-error"]
    assert instance["MonitoringInterval"] == 60
    assert instance["MonitoringRoleArn"] == estate.only("iam/role:Role", "database-monitoring").outputs["arn"]
    inputs = estate.only("rds/instance:Instance").inputs  # moto forgets these
    assert inputs["performanceInsightsEnabled"]
    assert inputs["performanceInsightsKmsKeyId"] == estate.key_arn
    assert inputs["databaseInsightsMode"] == "standard"


def test_administrator_password_stays_with_rds(estate: Estate, instance: dict[str, Any]) -> None:
    record = estate.only("rds/instance:Instance")
    assert record.inputs["manageMasterUserPassword"]
    assert "password" not in record.inputs
    assert record.outputs["masterUserSecrets"][0]["secretArn"] == instance["MasterUserSecret"]["SecretArn"]
    assert instance["MasterUserSecret"]["KmsKeyId"] == estate.key_arn
    secret = estate.aws("secretsmanager").describe_secret(SecretId=instance["MasterUserSecret"]["SecretArn"])
    assert secret["OwningService"] == "rds"

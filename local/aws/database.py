"""RDS instances and the groups they need."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from analysis.recorder import Created
from local.aws.resource_request import Handler, Inputs, ResourceRequest, made
from local.aws.translate import pascal

_WORDS = {
    "identifier": "DBInstanceIdentifier",
    "instanceClass": "DBInstanceClass",
    "dbName": "DBName",
    "username": "MasterUsername",
    "password": "MasterUserPassword",
    "multiAz": "MultiAZ",
    "dbSubnetGroupName": "DBSubnetGroupName",
    "parameterGroupName": "DBParameterGroupName",
    "caCertIdentifier": "CACertificateIdentifier",
    "backupWindow": "PreferredBackupWindow",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
}


def _instance(request: ResourceRequest) -> Created:
    rds, inputs = request.client("rds", request.region), request.inputs
    wanted = inputs.pascal(
        *_WORDS,
        "engine",
        "engineVersion",
        "allocatedStorage",
        "maxAllocatedStorage",
        "storageType",
        "storageEncrypted",
        "kmsKeyId",
        "port",
        "manageMasterUserPassword",
        "masterUserSecretKmsKeyId",
        "vpcSecurityGroupIds",
        "publiclyAccessible",
        "autoMinorVersionUpgrade",
        "backupRetentionPeriod",
        "copyTagsToSnapshot",
        "deletionProtection",
        "databaseInsightsMode",
        "performanceInsightsRetentionPeriod",
        "monitoringInterval",
        "monitoringRoleArn",
        words=_WORDS,
    )
    wanted["Tags"] = request.tag_list()
    instance: Any = _restored(rds, inputs, wanted) or rds.create_db_instance(**wanted)["DBInstance"]
    outputs: dict[str, Any] = {}
    if inputs.get("manageMasterUserPassword", False):
        outputs["masterUserSecrets"] = [_master_secret(request, instance["MasterUserSecret"])]
    endpoint = instance["Endpoint"]
    return made(
        instance["DbiResourceId"],
        arn=instance["DBInstanceArn"],
        address=endpoint["Address"],
        port=endpoint["Port"],
        endpoint=f"{endpoint['Address']}:{endpoint['Port']}",
        identifier=instance["DBInstanceIdentifier"],
        resourceId=instance["DbiResourceId"],
        allocatedStorage=instance["AllocatedStorage"],
        **outputs,
    )


def _restored(rds: Any, inputs: Inputs, wanted: dict[str, Any]) -> Any:
    """Restore as the provider does: with what the restore call takes, then change what it does not.

    Returns None for an instance that is not restored, and for one whose source moto does not know (any more): its
    memory ends with its process, while a stack file goes on naming the source.
    """
    snapshot, moment = inputs.get("snapshotIdentifier"), inputs.get("restoreToPointInTime")
    if snapshot:
        operation, source = "RestoreDBInstanceFromDBSnapshot", {"DBSnapshotIdentifier": snapshot}
    elif moment:
        words = {"sourceDbInstanceIdentifier": "SourceDBInstanceIdentifier"}
        operation, source = "RestoreDBInstanceToPointInTime", pascal(moment, words)
        if "SourceDBInstanceIdentifier" not in source:
            return None  # moto keeps no backups of a deleted instance
    else:
        return None
    call, change = dict(source), dict[str, Any]()
    takes = rds.meta.service_model.operation_model(operation).input_shape.members
    for key, value in wanted.items():
        renamed = "TargetDBInstanceIdentifier" if moment and key == "DBInstanceIdentifier" else key
        (call if renamed in takes else change)[renamed] = value
    try:
        getattr(rds, xform_name(operation))(**call)
    except (rds.exceptions.DBSnapshotNotFoundFault, rds.exceptions.DBInstanceNotFoundFault):
        return None
    may_change = rds.meta.service_model.operation_model("ModifyDBInstance").input_shape.members
    return rds.modify_db_instance(
        DBInstanceIdentifier=wanted["DBInstanceIdentifier"],
        **{key: value for key, value in change.items() if key in may_change},
    )["DBInstance"]


def _master_secret(request: ResourceRequest, secret: Any) -> dict[str, Any]:
    """Put what RDS would into the secret that moto made: moto's is the same for every instance."""
    value = {"username": request.inputs["username"], "password": secrets.token_urlsafe(24)}
    request.client("secretsmanager", request.region).put_secret_value(
        SecretId=secret["SecretArn"], SecretString=json.dumps(value)
    )
    return {"secretArn": secret["SecretArn"], "kmsKeyId": secret["KmsKeyId"], "secretStatus": "active"}


def _subnet_group(request: ResourceRequest) -> Created:
    rds, name = request.client("rds", request.region), request.physical_name()
    answer = rds.create_db_subnet_group(
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=request.inputs.get("description", "Managed by Pulumi"),
        **request.inputs.pascal("subnetIds"),
        Tags=request.tag_list(),
    )
    return made(name, arn=answer["DBSubnetGroup"].get("DBSubnetGroupArn"), name=name)


def _parameter_group(request: ResourceRequest) -> Created:
    rds, inputs, name = request.client("rds", request.region), request.inputs, request.physical_name()
    answer = rds.create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily=inputs["family"],
        Description=inputs.get("description", "Managed by Pulumi"),
        Tags=request.tag_list(),
    )
    parameters: Any = [
        {
            "ParameterName": parameter["name"],
            "ParameterValue": parameter["value"],
            "ApplyMethod": parameter.get("applyMethod", "immediate"),
        }
        for parameter in inputs.get("parameters", [])
    ]
    if parameters:
        rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=parameters)
    return made(name, arn=answer["DBParameterGroup"].get("DBParameterGroupArn"), name=name)


HANDLERS: Mapping[str, Handler] = {
    "aws:rds/instance:Instance": _instance,
    "aws:rds/subnetGroup:SubnetGroup": _subnet_group,
    "aws:rds/parameterGroup:ParameterGroup": _parameter_group,
}

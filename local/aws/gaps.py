"""What a stack asks for and moto cannot give back. Tests assert these on the record instead.

Everything else that the program gives reaches moto: `MotoCloud` refuses to make a resource of which a handler leaves an
input out that is not named here.
"""

from collections.abc import Mapping
from typing import Final

_AT_DELETION = "only the provider uses it, when it deletes the resource"
_AT_CHANGE = "only the provider uses it, when it changes the resource"
_IGNORED = "moto takes it and forgets it"
_UNKNOWN = "moto does not know it"

UNSUPPORTED_PROPERTIES: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:kms/key:Key": {"deletionWindowInDays": _AT_DELETION},
    "aws:secretsmanager/secret:Secret": {"recoveryWindowInDays": _AT_DELETION},
    "aws:backup/vault:Vault": {"forceDestroy": _AT_DELETION},
    "aws:s3/bucket:Bucket": {"forceDestroy": _AT_DELETION},
    "aws:rds/instance:Instance": {
        "skipFinalSnapshot": _AT_DELETION,
        "finalSnapshotIdentifier": _AT_DELETION,
        "deleteAutomatedBackups": _AT_DELETION,
        "allowMajorVersionUpgrade": _AT_CHANGE,
        "engineLifecycleSupport": _UNKNOWN,
        "databaseInsightsMode": _IGNORED,
        "performanceInsightsEnabled": _IGNORED,
        "performanceInsightsKmsKeyId": _IGNORED,
        "performanceInsightsRetentionPeriod": _IGNORED,
    },
    "aws:codebuild/project:Project": {"projectVisibility": _UNKNOWN},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "applyImmediately": _AT_CHANGE,
        "engineVersion": _IGNORED,
        "maintenanceWindow": _IGNORED,
        "parameterGroupName": _IGNORED,
        "securityGroupIds": _IGNORED,
        "subnetGroupName": _IGNORED,
    },
    "aws:eks/cluster:Cluster": {
        "accessConfig": _UNKNOWN,
        "bootstrapSelfManagedAddons": _UNKNOWN,
        "computeConfig": _UNKNOWN,
        "deletionProtection": _UNKNOWN,
        "storageConfig": _UNKNOWN,
        "upgradePolicy": _UNKNOWN,
    },
    "aws:acm/certificate:Certificate": {"validationMethod": "moto says DNS whatever it was told"},
    "aws:cloudfront/distribution:Distribution": {"origins.vpcOriginConfig": _IGNORED},
    "aws:route53/record:Record": {"zoneId": "moto gives zones ids of its own; one for the same domain stands in"},
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {
        "rules.deleteMarkerReplication": _IGNORED,
        "rules.sourceSelectionCriteria": _IGNORED,
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "description": "moto keeps it only where the other side is a security group",
    },
}
"""Inputs that cannot be read back from moto, by type; the value is the reason. A dot leads into a structure."""

UNSUPPORTED_TYPES: Final[Mapping[str, str]] = {
    "aws:acm/certificateValidation:CertificateValidation": "the provider waits for a certificate; nothing is made",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": "moto has no restore tests",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": "moto has no restore tests",
    "aws:backup/selection:Selection": "moto has no selections of a backup plan",
    "aws:backup/vaultNotifications:VaultNotifications": "moto has no notifications of a vault",
    "aws:backup/vaultPolicy:VaultPolicy": "moto has no policies of a vault",
    "aws:cloudfront/cachePolicy:CachePolicy": "moto has no cache policies",
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": "moto has no additional metrics",
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": "moto has no response headers policies",
    "aws:cloudfront/vpcOrigin:VpcOrigin": "moto has no VPC origins",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "moto has no composite alarms",
    "aws:codebuild/webhook:Webhook": "moto has no webhooks of a build project",
    "aws:eks/accessEntry:AccessEntry": "moto has no access entries",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "moto has no access entries",
    "aws:eks/addon:Addon": "moto has no EKS add-ons",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "moto has no Pod Identity",
    "aws:elasticache/parameterGroup:ParameterGroup": "moto has no cache parameter groups",
}
"""Types that exist as a record alone; the value is the reason."""

"""For every rule over AWS: a sample that breaks it, and one that passes.

A rule over single resources has the inputs of one resource of its first type; a rule over the stack has resources.
"""

import json

from policies.model import Resource
from policies.unknown import UNKNOWN
from tests.policies.parts import (
    ACL,
    ARN,
    BLOCK,
    BLOCKED,
    BUCKET,
    GITHUB,
    PLAN,
    POD_TAGS,
    PODS,
    VAULT,
    VPC,
    Sample,
    default,
    denies,
    document,
    encrypted,
    endpoints,
    made,
    managed,
    may,
    of_bucket,
    origin,
    postgres,
    subnets_of,
    trusts,
    valkey,
    viewer,
    zones,
)

DATA: dict[str, tuple[Sample, Sample]] = {
    "rds_encrypted": ({"storageEncrypted": False, "kmsKeyId": ARN}, {"storageEncrypted": True, "kmsKeyId": UNKNOWN}),
    "rds_private": ({"publiclyAccessible": True}, {"publiclyAccessible": False}),
    "rds_tls_required": (
        {"family": "postgres17", "parameters": [{"name": "rds.force_ssl", "value": "0"}]},
        {"family": "postgres17", "parameters": [{"name": "rds.force_ssl", "value": "1"}]},
    ),
    "rds_deletion_protection": ({}, {"deletionProtection": True}),
    "rds_final_snapshot": ({"skipFinalSnapshot": True}, {"finalSnapshotIdentifier": "last"}),
    "rds_backups": ({"backupRetentionPeriod": 6}, {"backupRetentionPeriod": 7}),
    "rds_backups_outlive_instance": ({}, {"deleteAutomatedBackups": False}),
    "rds_several_zones": ({"multiAz": False}, {"multiAz": True}),
    "rds_logs_exported": (
        {"enabledCloudwatchLogsExports": ["upgrade"]},
        {"enabledCloudwatchLogsExports": ["upgrade", "postgresql"]},
    ),
    "rds_minor_upgrades": ({"autoMinorVersionUpgrade": False}, {}),
    "rds_tagged_snapshots": ({}, {"copyTagsToSnapshot": True}),
    "rds_monitored": ({"monitoringInterval": 0}, {"monitoringInterval": 60}),
    "rds_administrator_name": ({"username": "postgres"}, {"username": "flowise_admin"}),
    "rds_password_managed": (
        {"password": "x", "manageMasterUserPassword": True},
        {"manageMasterUserPassword": True, "masterUserSecretKmsKeyId": ARN},
    ),
    "rds_insights_encrypted": (
        {"performanceInsightsEnabled": True},
        {"performanceInsightsEnabled": True, "performanceInsightsKmsKeyId": ARN},
    ),
    "rds_version_supported": (postgres("13"), postgres("17.6")),
    "data_subnets_isolated": (subnets_of("Private"), subnets_of("Isolated")),
    "valkey_encrypted": ({"kmsKeyId": ARN}, {"atRestEncryptionEnabled": True, "kmsKeyId": ARN}),
    "valkey_tls_required": (
        {"transitEncryptionEnabled": True, "transitEncryptionMode": "preferred"},
        {"transitEncryptionEnabled": True, "transitEncryptionMode": "required"},
    ),
    "valkey_password": ({}, {"authToken": UNKNOWN}),
    "valkey_failover": ({"multiAzEnabled": True}, {"multiAzEnabled": True, "automaticFailoverEnabled": True}),
    "valkey_snapshots": ({"snapshotRetentionLimit": 0}, {"snapshotRetentionLimit": 7}),
    "valkey_minor_upgrades": ({"autoMinorVersionUpgrade": False}, {"autoMinorVersionUpgrade": True}),
    "valkey_own_subnets": ({"subnetGroupName": "default"}, {"subnetGroupName": "queue"}),
    "valkey_version_supported": (valkey("7.0"), valkey("8.2")),
    "opensearch_encrypted": (
        {"encryptAtRest": {"enabled": True}},
        {"encryptAtRest": {"enabled": True, "kmsKeyId": ARN}},
    ),
    "opensearch_in_vpc": (
        {"vpcOptions": {"subnetIds": ["a"]}},
        {"vpcOptions": {"subnetIds": ["a"], "securityGroupIds": UNKNOWN}},
    ),
    "opensearch_nodes_encrypted": ({}, {"nodeToNodeEncryption": {"enabled": True}}),
    "opensearch_https": (
        {"domainEndpointOptions": {"enforceHttps": True, "tlsSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"}},
        {"domainEndpointOptions": {"enforceHttps": True, "tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}},
    ),
    "opensearch_password": (
        {"advancedSecurityOptions": {"enabled": True, "anonymousAuthEnabled": True}},
        {"advancedSecurityOptions": {"enabled": True, "anonymousAuthEnabled": False}},
    ),
    "opensearch_logged": (
        {"logPublishingOptions": [{"logType": "ES_APPLICATION_LOGS"}]},
        {"logPublishingOptions": [{"logType": "ES_APPLICATION_LOGS"}, {"logType": "AUDIT_LOGS"}]},
    ),
    "opensearch_zones": (
        {"clusterConfig": {"instanceCount": 2, "zoneAwarenessEnabled": True}},
        {"clusterConfig": {"instanceCount": 3, "zoneAwarenessEnabled": True}},
    ),
    "malware_results_tagged": (
        {"actions": [{"taggings": [{"status": "DISABLED"}]}]},
        {"actions": [{"taggings": [{"status": "ENABLED"}]}]},
    ),
    "malware_scan_everywhere": (
        {"protectedResource": {"s3Bucket": {"bucketName": "files", "objectPrefixes": ["public/"]}}},
        {"protectedResource": {"s3Bucket": {"bucketName": "files"}}},
    ),
    "opensearch_updates": ({}, {"softwareUpdateOptions": {"autoSoftwareUpdateEnabled": True}}),
    "s3_public_access_blocked": (of_bucket(BLOCK, **BLOCKED | {"blockPublicAcls": False}), of_bucket(BLOCK, **BLOCKED)),
    "s3_versioned": (
        [BUCKET],
        of_bucket("aws:s3/bucketVersioning:BucketVersioning", versioningConfiguration={"status": "Enabled"}),
    ),
    "s3_encrypted": (encrypted(sseAlgorithm="AES256"), encrypted(sseAlgorithm="aws:kms", kmsMasterKeyId=ARN)),
    "s3_no_acls": (
        of_bucket("aws:s3/bucketOwnershipControls:BucketOwnershipControls", rule={"objectOwnership": "ObjectWriter"}),
        of_bucket(
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls", rule={"objectOwnership": "BucketOwnerEnforced"}
        ),
    ),
    "s3_https_only": (
        denies(**{"aws:SecureTransport": "true"}),
        denies(**{"aws:SecureTransport": "false"}),
    ),
    "s3_access_logged": ([BUCKET], of_bucket("aws:s3/bucketLogging:BucketLogging", targetBucket="logs")),
    "s3_lifecycle": (
        [BUCKET],
        of_bucket(
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            rules=[
                {
                    "status": "Enabled",
                    "noncurrentVersionExpiration": {"noncurrentDays": 7},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ],
        ),
    ),
    "s3_no_public_acl": ({"acl": "public-read"}, {"acl": "private"}),
    "s3_kept": ({"forceDestroy": True}, {}),
    "backup_vault_encrypted": ({}, {"kmsKeyArn": ARN}),
    "backup_vault_locked": (
        [VAULT],
        [
            VAULT,
            made(
                "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
                backupVaultName="vault",
                minRetentionDays=7,
            ),
        ],
    ),
    "backup_vault_kept": ({"forceDestroy": True}, {}),
    "backup_kept_and_ended": (
        {"rules": [{"ruleName": "daily", "lifecycle": {"deleteAfter": 1}}]},
        {"rules": [{"ruleName": "daily", "lifecycle": {"deleteAfter": 35}}]},
    ),
    "backup_plan_selects": ([PLAN], [PLAN, made("aws:backup/selection:Selection", planId="plan")]),
    "kms_rotated": ({"enableKeyRotation": False}, {"enableKeyRotation": True}),
    "kms_deletion_window": ({"deletionWindowInDays": 7}, {"deletionWindowInDays": 30}),
    "secret_own_key": ({}, {"kmsKeyId": ARN}),
    "secret_recovery_window": ({"recoveryWindowInDays": 0}, {"recoveryWindowInDays": 30}),
    "sns_encrypted": ({}, {"kmsMasterKeyId": ARN}),
    "sqs_encrypted": ({}, {"sqsManagedSseEnabled": True}),
    "log_group_ends": ({}, {"retentionInDays": 7}),
    "log_group_kept": ({"retentionInDays": 7}, {"retentionInDays": 90}),
    "log_group_encrypted": ({}, {"kmsKeyId": ARN}),
}

DELIVERY: dict[str, tuple[Sample, Sample]] = {
    "codebuild_unprivileged": ({"environment": {"privilegedMode": True}}, {"environment": {"privilegedMode": False}}),
    "codebuild_logged": (
        {"logsConfig": {"cloudwatchLogs": {"status": "ENABLED"}}},
        {"logsConfig": {"cloudwatchLogs": {"status": "ENABLED", "groupName": "flowise/dev/runner"}}},
    ),
    "codebuild_not_public": ({"projectVisibility": "PUBLIC_READ"}, {"projectVisibility": "PRIVATE"}),
    "codebuild_without_secrets": (
        {"environment": {"environmentVariables": [{"name": "API_TOKEN", "value": "x"}]}},
        {"environment": {"environmentVariables": [{"name": "API_TOKEN", "value": "x", "type": "SECRETS_MANAGER"}]}},
    ),
    "codebuild_source_without_credentials": (
        {"source": {"location": "https://x-token@github.com/acme/flowise.git"}},
        {"source": {"location": "https://github.com/acme/flowise.git"}},
    ),
    "codebuild_webhook_filtered": (
        {"filterGroups": [{"filters": [{"type": "EVENT", "pattern": "WORKFLOW_JOB_QUEUED"}]}]},
        {
            "filterGroups": [
                {
                    "filters": [
                        {"type": "EVENT", "pattern": "WORKFLOW_JOB_QUEUED"},
                        {"type": "WORKFLOW_NAME", "pattern": "^deploy$"},
                    ]
                }
            ]
        },
    ),
}

NETWORK: dict[str, tuple[Sample, Sample]] = {
    "vpc_flow_logged": ([VPC], [VPC, made("aws:ec2/flowLog:FlowLog", vpcId="vpc")]),
    "vpc_flow_log_complete": ({"trafficType": "REJECT"}, {"trafficType": "ALL"}),
    "vpc_default_group_closed": (
        [VPC, made("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", vpcId="vpc", ingress=[{"self": True}])],
        [VPC, made("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", vpcId="vpc")],
    ),
    "sg_closed_to_internet": ({"cidrIpv4": "0.0.0.0/0"}, {"cidrIpv4": "10.0.0.0/8"}),
    "sg_names_ports": ({"ipProtocol": "-1"}, {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
    "ec2_metadata_by_token": (
        {"metadataOptions": {"httpTokens": "optional"}},
        {"metadataOptions": {"httpTokens": "required"}},
    ),
    "ec2_disks_encrypted": (
        {"rootBlockDevice": {"encrypted": True}},
        {"rootBlockDevice": {"encrypted": True, "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"}},
    ),
    "ec2_without_key_pair": ({"keyName": "operator"}, {}),
    "nat_by_gateway": ({"sourceDestCheck": False}, {"sourceDestCheck": True}),
    "sg_described": ({}, {"description": "PostgreSQL from the pods"}),
    "subnet_without_public_addresses": (
        {"mapPublicIpOnLaunch": True, "tags": {"SubnetType": "Private"}},
        {"mapPublicIpOnLaunch": True, "tags": {"SubnetType": "Public"}},
    ),
    "iam_named_actions": (may("s3:*"), may("s3:GetObject")),
    "iam_named_resources": (
        may("s3:GetObject", "xray:PutTraceSegments", on="*"),
        may("ec2:DescribeSubnets", "xray:PutTraceSegments", on="*"),
    ),
    "iam_no_escalation": (may("iam:Attach*"), may("iam:GetRole")),
    "iam_pass_role_bounded": (
        may("iam:PassRole", on="*"),
        may(
            "iam:PassRole",
            on="arn:aws:iam::123456789012:role/node",
            Condition={"StringEquals": {"iam:PassedToService": "eks.amazonaws.com"}},
        ),
    ),
    "iam_decrypts_named_keys": (may("kms:Decrypt", on="*"), may("kms:Decrypt", on=ARN)),
    "iam_no_far_reaching_attachment": (
        {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"},
    ),
    "iam_no_users": ({"name": "ci"}, [made("aws:iam/role:Role")]),
    "iam_trust_named": (trusts({"AWS": "*"}), trusts({"AWS": "arn:aws:iam::123456789012:role/a"})),
    "iam_pod_identity_bound": (trusts(PODS), trusts(PODS, StringEquals=POD_TAGS)),
    "iam_federation_bound": (
        trusts(GITHUB, StringLike={"token.actions.githubusercontent.com:sub": "repo:*"}),
        trusts(
            GITHUB,
            StringEquals={
                "token.actions.githubusercontent.com:sub": "repo:example/flowise:environment:prod",
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            },
        ),
    ),
    "iam_service_trust_bound": (
        trusts({"Service": "vpc-flow-logs.amazonaws.com"}),
        trusts({"Service": "vpc-flow-logs.amazonaws.com"}, StringEquals={"aws:SourceAccount": "123456789012"}),
    ),
    "resource_policy_not_public": (
        {"policy": document(Principal="*", Action="s3:GetObject")},
        {"policy": document(Principal={"Service": "logging.s3.amazonaws.com"}, Action="s3:PutObject")},
    ),
    "cloudfront_https_only": (
        default({"viewerProtocolPolicy": "allow-all"}),
        default({"viewerProtocolPolicy": "redirect-to-https"}),
    ),
    "cloudfront_tls": (viewer(minimumProtocolVersion="TLSv1.2_2021"), viewer(minimumProtocolVersion="TLSv1.2_2025")),
    "cloudfront_own_certificate": (viewer(cloudfrontDefaultCertificate=True), viewer(acmCertificateArn=UNKNOWN)),
    "cloudfront_sni": (viewer(sslSupportMethod="vip"), viewer(sslSupportMethod="sni-only")),
    "cloudfront_firewall": ({}, {"webAclId": UNKNOWN}),
    "cloudfront_private_origin": (
        {"origins": [{"originId": "a", "customOriginConfig": {}}]},
        {"origins": [{"originId": "a", "vpcOriginConfig": {"vpcOriginId": "v"}}]},
    ),
    "cloudfront_origin_https": (origin(originProtocolPolicy="http-only"), origin(originProtocolPolicy="https-only")),
    "cloudfront_origin_tls": (
        origin(originSslProtocols={"items": ["TLSv1", "TLSv1.2"]}),
        origin(originSslProtocols={"items": ["TLSv1.2"]}),
    ),
    "cloudfront_logged": ({}, {"loggingConfig": {"bucket": "logs"}}),
    "cloudfront_headers_everywhere": (default({"compress": True}), default({"responseHeadersPolicyId": "h"})),
    "headers_secure": (
        {"securityHeadersConfig": {"contentTypeOptions": {"override": True}}},
        {
            "securityHeadersConfig": {
                "contentTypeOptions": {"override": True},
                "strictTransportSecurity": {"accessControlMaxAgeSec": 31536000},
            }
        },
    ),
    "waf_managed_groups": (managed(count={}), managed(none={})),
    "edge_admin_plane_closed": (
        [made("aws:wafv2/webAcl:WebAcl", rules=[{"name": "Rate"}])],
        [made("aws:wafv2/webAcl:WebAcl", rules=[{"name": "Rate"}, {"name": "AdminPlane"}])],
    ),
    "waf_limits_rate": (
        {"rules": [{"statement": {"rateBasedStatement": {"limit": 9}}, "action": {"count": {}}}]},
        {"rules": [{"statement": {"rateBasedStatement": {"limit": 9}}, "action": {"block": {}}}]},
    ),
    "waf_measured": ({}, {"visibilityConfig": {"cloudwatchMetricsEnabled": True}}),
    "waf_logged": (
        [ACL],
        [ACL, made("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", resourceArn="acl")],
    ),
    "waf_log_redacted": (
        {"redactedFields": [{"singleHeader": {"name": "cookie"}}]},
        {"redactedFields": [{"singleHeader": {"name": "cookie"}}, {"singleHeader": {"name": "authorization"}}]},
    ),
    "certificate_renews": ({"validationMethod": "EMAIL"}, {"validationMethod": "DNS"}),
    "alb_internal": ({"internal": False}, {"internal": True}),
    "alb_drops_invalid_headers": ({}, {"dropInvalidHeaderFields": True}),
    "alb_desync_mitigated": ({"desyncMitigationMode": "monitor"}, {"desyncMitigationMode": "strictest"}),
    "alb_deletion_protection": ({}, {"enableDeletionProtection": True}),
    "alb_logged": ({"accessLogs": {"enabled": False}}, {"accessLogs": {"enabled": True}}),
    "alb_several_zones": ({"subnets": ["a"]}, {"subnets": ["a", "b"]}),
    "alb_admin_plane_closed": (
        [made("aws:lb/listener:Listener", defaultActions=[{"type": "forward"}])],
        [made("aws:lb/listener:Listener", defaultActions=[{"type": "fixed-response"}])],
    ),
    "alb_https": ({"protocol": "HTTP"}, {"protocol": "HTTPS"}),
    "alb_tls": (
        {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"},
        {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
    ),
    "cost_nat_gateways": (zones(2, 3), zones(3, 3)),
    "cost_s3_gateway_endpoint": (
        [VPC, *zones(1, 1)],
        [VPC, *zones(1, 1), made("aws:ec2/vpcEndpoint:VpcEndpoint", serviceName="com.amazonaws.us-east-1.s3")],
    ),
    "cost_interface_endpoints": (endpoints(5), endpoints(4)),
    "cost_database_size": ({"instanceClass": "db.r8g.8xlarge"}, {"instanceClass": "db.m7g.large"}),
    "cost_cache_size": ({"nodeType": "cache.r7g.16xlarge"}, {"nodeType": "cache.m7g.xlarge"}),
    "cost_database_storage": ({"storageType": "io2"}, {"storageType": "gp3"}),
    "cost_price_class": ({}, {"priceClass": "PriceClass_100"}),
    "data_protected": (
        [made("aws:s3/bucket:Bucket")],
        [Resource(type="aws:s3/bucket:Bucket", name="it", protect=True)],
    ),
    "type_known": (
        [made("aws:dynamodb/table:Table")],
        [made("aws:s3/bucket:Bucket"), made("flowise:storage:ModelBucket"), made("kubernetes:core/v1:Service")],
    ),
    "provider_tags": (
        {"defaultTags": json.dumps({"tags": {"project": "flowise"}})},
        {"defaultTags": json.dumps({"tags": {"project": "flowise", "stack": "dev", "managed-by": "pulumi"}})},
    ),
    "name_within_limit": ([made("aws:iam/role:Role", name="n" * 65)], [made("aws:iam/role:Role", name="n" * 64)]),
    "no_static_aws_keys": ({"env": [{"name": "AWS_SECRET_ACCESS_KEY"}]}, {"env": [{"name": "AWS_REGION"}]}),
}

SAMPLES = DATA | NETWORK | DELIVERY

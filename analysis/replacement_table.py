"""Which properties replace which resource: one list for the recordings, for the engine's providers and for the pages.

What the Terraform provider marks `ForceNew` or `RequiresReplace` replaces (pulumi-aws 7.51 is terraform-provider-aws
6.x). Each type names the file below `internal/service/` where that stands; of these nine were read, at older commits,
the others are listed from knowledge. Where CloudFormation has the type, a test compares the entry with AWS's own list
of what can be set at creation only (`createOnlyProperties`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Replacing:
    """What replaces a resource of one type."""

    properties: str
    """Names or dotted paths: `vpcId`, `kubernetesNetworkConfig.ipFamily`. With `-` only when it is taken away, with `?`
    only when it comes or goes."""
    source: str
    """File of the provider, below `internal/service/` for AWS."""
    cloudformation: str = ""
    """Type in CloudFormation."""
    in_place: Mapping[str, str] = field(default_factory=dict[str, str])
    """What CloudFormation sets at creation only and the provider does not replace for, by property, with the reason."""


_MODIFIED = "the provider changes it in place by the API's own call"
_ABSENT = "not an argument of this resource in the provider"


def _r(source: str, properties: str, cloudformation: str = "", **in_place: str) -> Replacing:
    return Replacing(properties=properties, source=source, cloudformation=cloudformation, in_place=in_place)


REPLACING: Final[Mapping[str, Replacing]] = {
    "aws:acm/certificate:Certificate": _r(
        "acm/certificate.go",
        "certificateAuthorityArn domainName keyAlgorithm subjectAlternativeNames validationMethod validationOptions "
        "options.export",
        "AWS::CertificateManager::Certificate",
        DomainValidationOptions="an output here; its input is validationOptions",
        CertificateExport="options.export here",
    ),
    "aws:acm/certificateValidation:CertificateValidation": _r(
        "acm/certificate_validation.go", "certificateArn validationRecordFqdns"
    ),
    "aws:backup/plan:Plan": _r("backup/plan.go", "name", "AWS::Backup::BackupPlan"),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _r(
        "backup/restore_testing_plan.go", "name", "AWS::Backup::RestoreTestingPlan", RestoreTestingPlanName="name here"
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _r(
        "backup/restore_testing_selection.go",
        "name protectedResourceType restoreTestingPlanName",
        "AWS::Backup::RestoreTestingSelection",
        RestoreTestingSelectionName="name here",
    ),
    "aws:backup/selection:Selection": _r(
        "backup/selection.go",
        "conditions iamRoleArn name notResources planId resources selectionTags",
        "AWS::Backup::BackupSelection",
        BackupSelection="its parts are arguments of their own here",
        BackupPlanId="planId here",
    ),
    "aws:backup/vault:Vault": _r(
        "backup/vault.go",
        "kmsKeyArn name",
        "AWS::Backup::BackupVault",
        BackupVaultName="name here",
        EncryptionKeyArn="kmsKeyArn here",
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": _r(
        "backup/vault_lock_configuration.go", "backupVaultName changeableForDays maxRetentionDays minRetentionDays"
    ),
    "aws:backup/vaultNotifications:VaultNotifications": _r(
        "backup/vault_notifications.go", "backupVaultEvents backupVaultName snsTopicArn"
    ),
    "aws:backup/vaultPolicy:VaultPolicy": _r("backup/vault_policy.go", "backupVaultName"),
    "aws:budgets/budget:Budget": _r(
        "budgets/budget.go",
        "accountId name namePrefix",
        "AWS::Budgets::Budget",
        **{"Budget/BudgetName": "name here", "NotificationsWithSubscribers": _MODIFIED},
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": _r("cloudfront/cache_policy.go", "", "AWS::CloudFront::CachePolicy"),
    "aws:cloudfront/distribution:Distribution": _r(
        "cloudfront/distribution.go", "staging", "AWS::CloudFront::Distribution"
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": _r(
        "cloudfront/monitoring_subscription.go", "distributionId", "AWS::CloudFront::MonitoringSubscription"
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _r(
        "cloudfront/response_headers_policy.go", "", "AWS::CloudFront::ResponseHeadersPolicy"
    ),
    "aws:cloudfront/vpcOrigin:VpcOrigin": _r("cloudfront/vpc_origin.go", "", "AWS::CloudFront::VpcOrigin"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _r(
        "cloudwatch/composite_alarm.go", "alarmName", "AWS::CloudWatch::CompositeAlarm"
    ),
    "aws:cloudwatch/dashboard:Dashboard": _r("cloudwatch/dashboard.go", "dashboardName", "AWS::CloudWatch::Dashboard"),
    "aws:cloudwatch/eventRule:EventRule": _r("events/rule.go", "eventBusName name namePrefix", "AWS::Events::Rule"),
    "aws:cloudwatch/eventTarget:EventTarget": _r("events/target.go", "eventBusName rule targetId"),
    "aws:cloudwatch/logGroup:LogGroup": _r(
        "logs/group.go", "logGroupClass name namePrefix", "AWS::Logs::LogGroup", LogGroupName="name here"
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": _r(
        "logs/subscription_filter.go",
        "logGroup name",
        "AWS::Logs::SubscriptionFilter",
        FilterName="name here",
        LogGroupName="logGroup here",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _r(
        "cloudwatch/metric_alarm.go", "name", "AWS::CloudWatch::Alarm", AlarmName="name here"
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _r("ec2/vpc_default_security_group.go", "vpcId"),
    "aws:ec2/eip:Eip": _r(
        "ec2/ec2_eip.go",
        "address customerOwnedIpv4Pool domain ipamPoolId networkBorderGroup publicIpv4Pool",
        "AWS::EC2::EIP",
        TransferAddress=_ABSENT,
    ),
    "aws:ec2/flowLog:FlowLog": _r(
        "ec2/vpc_flow_log.go",
        "deliverCrossAccountRole destinationOptions eniId iamRoleArn logDestination logDestinationType logFormat "
        "maxAggregationInterval subnetId trafficType transitGatewayAttachmentId transitGatewayId vpcId",
        "AWS::EC2::FlowLog",
        DeliverLogsPermissionArn="iamRoleArn here",
        LogGroupName="logDestination here",
        ResourceId="vpcId, subnetId and their like here",
        ResourceType="vpcId, subnetId and their like here",
        TagFieldSpecifications=_ABSENT,
    ),
    "aws:ec2/internetGateway:InternetGateway": _r(
        "ec2/vpc_internet_gateway.go", "", "AWS::EC2::VPCGatewayAttachment", VpcId=_MODIFIED
    ),
    "aws:ec2/natGateway:NatGateway": _r(
        "ec2/vpc_nat_gateway.go",
        "allocationId availabilityMode connectivityType privateIp subnetId vpcId",
        "AWS::EC2::NatGateway",
        PrivateIpAddress="privateIp here",
    ),
    "aws:ec2/route:Route": _r(
        "ec2/vpc_route.go",
        "destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId routeTableId",
        "AWS::EC2::Route",
    ),
    "aws:ec2/routeTable:RouteTable": _r("ec2/vpc_route_table.go", "vpcId", "AWS::EC2::RouteTable"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _r(
        "ec2/vpc_route_table_association.go",
        "gatewayId subnetId",
        "AWS::EC2::SubnetRouteTableAssociation",
        RouteTableId="ReplaceRouteTableAssociation",
    ),
    "aws:ec2/securityGroup:SecurityGroup": _r(
        "ec2/vpc_security_group.go",
        "description name namePrefix vpcId",
        "AWS::EC2::SecurityGroup",
        GroupDescription="description here",
        GroupName="name here",
    ),
    "aws:ec2/subnet:Subnet": _r(
        "ec2/vpc_subnet.go",
        "availabilityZone availabilityZoneId cidrBlock ipv4IpamPoolId ipv4NetmaskLength ipv6IpamPoolId ipv6Native "
        "ipv6NetmaskLength outpostArn vpcId",
        "AWS::EC2::Subnet",
        Ipv6CidrBlock=_MODIFIED,
    ),
    "aws:ec2/vpc:Vpc": _r(
        "ec2/vpc_.go",
        "cidrBlock instanceTenancy ipv4IpamPoolId ipv4NetmaskLength",
        "AWS::EC2::VPC",
        VpcEncryptionControl=_ABSENT,
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _r(
        "ec2/vpc_endpoint.go",
        "resourceConfigurationArn serviceName serviceNetworkArn serviceRegion vpcEndpointType vpcId "
        "dnsOptions.privateDnsPreference dnsOptions.privateDnsSpecifiedDomains",
        "AWS::EC2::VPCEndpoint",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _r("ecr/lifecycle_policy.go", "policy repository"),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": _r(
        "ecr/registry_scanning_configuration.go", "", "AWS::ECR::RegistryScanningConfiguration"
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _r(
        "ecr/replication_configuration.go", "", "AWS::ECR::ReplicationConfiguration"
    ),
    "aws:ecr/repository:Repository": _r(
        "ecr/repository.go",
        "encryptionConfigurations name",
        "AWS::ECR::Repository",
        RepositoryName="name here",
        EncryptionConfiguration="encryptionConfigurations here",
    ),
    "aws:eks/accessEntry:AccessEntry": _r(
        "eks/access_entry.go", "clusterName principalArn type", "AWS::EKS::AccessEntry"
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _r(
        "eks/access_policy_association.go", "accessScope clusterName policyArn principalArn"
    ),
    "aws:eks/addon:Addon": _r("eks/addon.go", "addonName clusterName namespaceConfig", "AWS::EKS::Addon"),
    "aws:eks/cluster:Cluster": _r(
        "eks/cluster.go",
        "accessConfig.bootstrapClusterCreatorAdminPermissions bootstrapSelfManagedAddons computeConfig.nodeRoleArn "
        "encryptionConfig- kubernetesNetworkConfig.ipFamily kubernetesNetworkConfig.serviceIpv4Cidr name outpostConfig "
        "roleArn",
        "AWS::EKS::Cluster",
        EncryptionConfig="only taking it away replaces (`ForceNewIfChange`)",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _r(
        "eks/pod_identity_association.go",
        "clusterName namespace serviceAccount",
        "AWS::EKS::PodIdentityAssociation",
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": _r(
        "elasticache/parameter_group.go",
        "description family name",
        "AWS::ElastiCache::ParameterGroup",
        CacheParameterGroupFamily="family here",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": _r(
        "elasticache/replication_group.go",
        "atRestEncryptionEnabled dataTieringEnabled globalReplicationGroupId kmsKeyId networkType port "
        "nodeGroupConfigurations replicationGroupId securityGroupNames snapshotArns snapshotName subnetGroupName "
        "transitEncryptionEnabled",
        "AWS::ElastiCache::ReplicationGroup",
        CacheSubnetGroupName="subnetGroupName here",
        PreferredCacheClusterAZs="the provider uses it at creation and ignores its change",
        AuthToken=_MODIFIED,
        NodeGroupConfiguration="nodeGroupConfigurations here",
    ),
    "aws:codebuild/project:Project": _r("codebuild/project.go", "name", "AWS::CodeBuild::Project"),
    "aws:codebuild/webhook:Webhook": _r("codebuild/webhook.go", "manualCreation projectName scopeConfiguration"),
    "aws:elasticache/subnetGroup:SubnetGroup": _r(
        "elasticache/subnet_group.go", "name", "AWS::ElastiCache::SubnetGroup", CacheSubnetGroupName="name here"
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _r(
        "iam/openid_connect_provider.go", "url", "AWS::IAM::OIDCProvider"
    ),
    "aws:iam/policy:Policy": _r(
        "iam/policy.go",
        "description name namePrefix path",
        "AWS::IAM::ManagedPolicy",
        ManagedPolicyName="name here",
    ),
    "aws:iam/role:Role": _r("iam/role.go", "name namePrefix path", "AWS::IAM::Role", RoleName="name here"),
    "aws:iam/rolePolicy:RolePolicy": _r(
        "iam/role_policy.go",
        "name namePrefix role",
        "AWS::IAM::RolePolicy",
        PolicyName="name here",
        RoleName="role here",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _r("iam/role_policy_attachment.go", "policyArn role"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _r(
        "firehose/delivery_stream.go",
        "destination kinesisSourceConfiguration mskSourceConfiguration name",
        "AWS::KinesisFirehose::DeliveryStream",
        DeliveryStreamName="name here",
        DeliveryStreamType="the source's configuration here",
        KinesisStreamSourceConfiguration="kinesisSourceConfiguration here",
        MSKSourceConfiguration="mskSourceConfiguration here",
        DatabaseSourceConfiguration=_ABSENT,
        DirectPutSourceConfiguration=_ABSENT,
        **dict.fromkeys(
            (
                "ElasticsearchDestinationConfiguration/VpcConfiguration",
                "AmazonopensearchserviceDestinationConfiguration/VpcConfiguration",
                "AmazonOpenSearchServerlessDestinationConfiguration/VpcConfiguration",
                "IcebergDestinationConfiguration/CatalogConfiguration",
                "SnowflakeDestinationConfiguration/SnowflakeVpcConfiguration",
            ),
            "not a destination of this program",
        ),
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _r("logs/resource_policy.go", "policyName"),
    "aws:kms/replicaKey:ReplicaKey": _r("kms/replica_key.go", "primaryKeyArn", "AWS::KMS::ReplicaKey"),
    "aws:kms/alias:Alias": _r("kms/alias.go", "name namePrefix", "AWS::KMS::Alias", AliasName="name here"),
    "aws:kms/key:Key": _r(
        "kms/key.go", "customKeyStoreId customerMasterKeySpec keyUsage multiRegion xksKeyId", "AWS::KMS::Key"
    ),
    "aws:lb/listener:Listener": _r("elbv2/listener.go", "loadBalancerArn", "AWS::ElasticLoadBalancingV2::Listener"),
    "aws:lb/listenerRule:ListenerRule": _r(
        "elbv2/listener_rule.go", "listenerArn", "AWS::ElasticLoadBalancingV2::ListenerRule"
    ),
    "aws:lb/loadBalancer:LoadBalancer": _r(
        "elbv2/load_balancer.go",
        "customerOwnedIpv4Pool internal loadBalancerType name namePrefix",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        Type="loadBalancerType here",
        Scheme="internal here",
    ),
    "aws:lb/targetGroup:TargetGroup": _r(
        "elbv2/target_group.go",
        "ipAddressType name namePrefix port protocol protocolVersion targetType vpcId",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
    ),
    "aws:rds/eventSubscription:EventSubscription": _r(
        "rds/event_subscription.go",
        "name namePrefix",
        "AWS::RDS::EventSubscription",
        SubscriptionName="name here",
        SnsTopicArn=_MODIFIED,
    ),
    "aws:rds/instance:Instance": _r(
        "rds/instance.go",
        "availabilityZone backupTarget characterSetName customIamInstanceProfile dbName engine identifierPrefix "
        "kmsKeyId ncharCharacterSetName restoreToPointInTime s3Import snapshotIdentifier storageEncrypted timezone "
        "username",
        "AWS::RDS::DBInstance",
        DBInstanceIdentifier=_MODIFIED,
        DBSubnetGroupName=_MODIFIED,
        MasterUsername="username here",
        CustomIAMInstanceProfile="customIamInstanceProfile here",
        DBClusterIdentifier=_ABSENT,
        DBSystemId=_ABSENT,
        SourceRegion=_ABSENT,
    ),
    "aws:rds/parameterGroup:ParameterGroup": _r(
        "rds/parameter_group.go",
        "description family name namePrefix",
        "AWS::RDS::DBParameterGroup",
        DBParameterGroupName="name here",
    ),
    "aws:rds/subnetGroup:SubnetGroup": _r(
        "rds/subnet_group.go", "name namePrefix", "AWS::RDS::DBSubnetGroup", DBSubnetGroupName="name here"
    ),
    "aws:route53/record:Record": _r(
        "route53/record.go",
        "name zoneId",
        "AWS::Route53::RecordSet",
        HostedZoneId="zoneId here",
        HostedZoneName=_ABSENT,
    ),
    "aws:s3/bucket:Bucket": _r(
        "s3/bucket.go",
        "bucket bucketPrefix objectLockEnabled",
        "AWS::S3::Bucket",
        BucketName="bucket here",
        BucketNamePrefix="bucketPrefix here",
        BucketNamespace="part of the name here",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _r(
        "s3/bucket_lifecycle_configuration.go", "bucket expectedBucketOwner"
    ),
    "aws:s3/bucketLogging:BucketLogging": _r("s3/bucket_logging.go", "bucket expectedBucketOwner"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _r("s3/bucket_ownership_controls.go", "bucket"),
    "aws:s3/bucketPolicy:BucketPolicy": _r("s3/bucket_policy.go", "bucket", "AWS::S3::BucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _r("s3/bucket_public_access_block.go", "bucket"),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _r("s3/bucket_replication_configuration.go", "bucket"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _r(
        "s3/bucket_server_side_encryption_configuration.go", "bucket expectedBucketOwner"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _r("s3/bucket_versioning.go", "bucket expectedBucketOwner"),
    "aws:secretsmanager/secret:Secret": _r(
        "secretsmanager/secret.go", "name namePrefix", "AWS::SecretsManager::Secret"
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": _r(
        "secretsmanager/secret_version.go", "secretBinary secretId secretString"
    ),
    "aws:sns/topic:Topic": _r("sns/topic.go", "fifoTopic name namePrefix", "AWS::SNS::Topic", TopicName="name here"),
    "aws:sns/topicPolicy:TopicPolicy": _r("sns/topic_policy.go", "arn", "AWS::SNS::TopicPolicy"),
    "aws:sns/topicSubscription:TopicSubscription": _r(
        "sns/topic_subscription.go", "endpoint protocol topic", "AWS::SNS::Subscription", TopicArn="topic here"
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _r(
        "ec2/vpc_security_group_egress_rule.go",
        "securityGroupId cidrIpv4? cidrIpv6? prefixListId? referencedSecurityGroupId?",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _r(
        "ec2/vpc_security_group_ingress_rule.go",
        "securityGroupId cidrIpv4? cidrIpv6? prefixListId? referencedSecurityGroupId?",
    ),
    "aws:wafv2/ipSet:IpSet": _r("wafv2/ip_set.go", "ipAddressVersion name namePrefix scope", "AWS::WAFv2::IPSet"),
    "aws:wafv2/regexPatternSet:RegexPatternSet": _r(
        "wafv2/regex_pattern_set.go", "name namePrefix scope", "AWS::WAFv2::RegexPatternSet"
    ),
    "aws:wafv2/webAcl:WebAcl": _r("wafv2/web_acl.go", "name namePrefix scope", "AWS::WAFv2::WebACL"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": _r(
        "wafv2/web_acl_logging_configuration.go", "resourceArn", "AWS::WAFv2::LoggingConfiguration"
    ),
    "random:index/randomBytes:RandomBytes": _r(
        "terraform-provider-random 3.x, internal/provider/resource_bytes.go", "keepers length"
    ),
    "random:index/randomId:RandomId": _r(
        "terraform-provider-random 3.x, internal/provider/resource_id.go", "byteLength keepers prefix"
    ),
    "random:index/randomPassword:RandomPassword": _r(
        "terraform-provider-random 3.x, internal/provider/resource_password.go",
        "keepers length lower minLower minNumeric minSpecial minUpper number numeric overrideSpecial special upper",
    ),
}
"""Every type of `aws` and `random` that the program registers in any of its forms."""

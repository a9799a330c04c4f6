"""On prod."""

from tests.policies.mutations import GONE, Mutation, gone, on, text

DB = "aws:rds/instance:Instance"
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLUSTER = "aws:eks/cluster:Cluster"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
ACL = "aws:wafv2/webAcl:WebAcl"
SPEC = "spec/template/spec"
PUBLIC = ["network-public-1-e00194f0"]


def _without_tls(parameters: list[dict[str, str]]) -> list[dict[str, str]]:
    return [parameter for parameter in parameters if parameter["name"] != "rds.force_ssl"]


MUTATIONS = [
    *on(
        DB,
        ("storageEncrypted", False),
        ("kmsKeyId", GONE),
        ("publiclyAccessible", True),
        ("deletionProtection", False),
        ("skipFinalSnapshot", True),
        ("finalSnapshotIdentifier", GONE),
        ("backupRetentionPeriod", 1),
        ("deleteAutomatedBackups", True),
        ("multiAz", False),
        ("enabledCloudwatchLogsExports", []),
        ("autoMinorVersionUpgrade", False),
        ("copyTagsToSnapshot", False),
        ("monitoringInterval", 0),
        ("username", "postgres"),
        ("manageMasterUserPassword", False),
        ("masterUserSecretKmsKeyId", GONE),
        ("performanceInsightsKmsKeyId", GONE),
        ("engineVersion", "13"),
        ("instanceClass", "db.r8g.16xlarge"),
        ("storageType", "io2"),
    ),
    Mutation(
        type="aws:rds/parameterGroup:ParameterGroup",
        path="parameters",
        value=_without_tls,
        without="without rds.force_ssl",
    ),
    *on(
        GROUP,
        ("atRestEncryptionEnabled", False),
        ("kmsKeyId", GONE),
        ("transitEncryptionEnabled", False),
        ("transitEncryptionMode", "preferred"),
        ("authToken", GONE),
        ("automaticFailoverEnabled", False),
        ("multiAzEnabled", False),
        ("snapshotRetentionLimit", 0),
        ("autoMinorVersionUpgrade", False),
        ("subnetGroupName", GONE),
        ("engineVersion", "7.0"),
    ),
    *gone(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketLogging:BucketLogging",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:core/v1:ConfigMapPatch",
    ),
    *on("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", ("blockPublicPolicy", False), name="files"),
    *on(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        ("rules/*/applyServerSideEncryptionByDefault/sseAlgorithm", "AES256"),
        name="files",
    ),
    *on("aws:s3/bucketVersioning:BucketVersioning", ("versioningConfiguration/status", "Suspended")),
    *on("aws:s3/bucket:Bucket", ("acl", "public-read"), ("forceDestroy", True)),
    *on("aws:kms/key:Key", ("enableKeyRotation", False), ("deletionWindowInDays", 7)),
    text("aws:kms/key:Key", "policy", ('{"AWS": ["arn:aws:iam::123456789012:root"]}', '"*"'), "for everybody"),
    *on("aws:secretsmanager/secret:Secret", ("kmsKeyId", GONE), ("recoveryWindowInDays", 0)),
    *on("aws:cloudwatch/logGroup:LogGroup", ("retentionInDays", GONE), ("retentionInDays", 3), ("kmsKeyId", GONE)),
    *on("aws:ec2/flowLog:FlowLog", ("trafficType", "REJECT")),
    *on("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", ("ingress", [{"self": True, "protocol": "-1"}])),
    *on(INGRESS, ("cidrIpv4", "0.0.0.0/0"), ("cidrIpv6", "::/0"), ("ipProtocol", "-1"), ("toPort", 65535)),
    *on(INGRESS, ("description", GONE)),
    *on("aws:ec2/subnet:Subnet", ("mapPublicIpOnLaunch", True), ("tags/SubnetType", "Public")),
    text(ROLE_POLICY, "policy", ('"s3:GetObject"', '"s3:*"'), "with s3:*", "flowise"),
    text(ROLE_POLICY, "policy", ('["s3:ListBucket"]', '["iam:PutRolePolicy"]'), "with iam:PutRolePolicy", "flowise"),
    text(ROLE_POLICY, "policy", ('["s3:ListBucket"]', '["iam:PassRole"]'), "with iam:PassRole", "flowise"),
    text(
        ROLE_POLICY,
        "policy",
        ("arn:aws:kms:us-east-1:123456789012:key/key-be35fe1b", "*"),
        "decrypts with every key",
        "flowise-migration",
    ),
    text(ROLE, "assumeRolePolicy", ("aws:RequestTag/kubernetes", "aws:x"), "not bound to namespace", "flowise"),
    text(ROLE, "assumeRolePolicy", ('{"Service": ["pods.eks.amazonaws.com"]}', '"*"'), "for everybody", "flowise"),
    *(
        text(ROLE, "assumeRolePolicy", ("aws:SourceAccount", "aws:x"), "not bound to the account", name)
        for name in ("network-flow", "database-monitoring", "backup", "backup-restore")
    ),
    *on(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        ("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    *on(
        DISTRIBUTION,
        ("defaultCacheBehavior/viewerProtocolPolicy", "allow-all"),
        ("orderedCacheBehaviors/*/viewerProtocolPolicy", "allow-all"),
        ("viewerCertificate/minimumProtocolVersion", "TLSv1"),
        ("viewerCertificate", {"cloudfrontDefaultCertificate": True}),
        ("viewerCertificate/sslSupportMethod", "vip"),
        ("webAclId", GONE),
        ("origins/*/vpcOriginConfig", GONE),
        ("defaultCacheBehavior/responseHeadersPolicyId", GONE),
        ("orderedCacheBehaviors/*/responseHeadersPolicyId", GONE),
        ("priceClass", GONE),
    ),
    *on(
        ORIGIN,
        ("vpcOriginEndpointConfig/originProtocolPolicy", "http-only"),
        ("vpcOriginEndpointConfig/originSslProtocols/items", ["TLSv1", "TLSv1.2"]),
    ),
    *on(
        HEADERS,
        ("securityHeadersConfig/strictTransportSecurity", GONE),
        ("securityHeadersConfig/strictTransportSecurity/accessControlMaxAgeSec", 60),
        ("securityHeadersConfig/contentTypeOptions", GONE),
    ),
    *on(
        ACL,
        ("rules", []),
        ("rules/*/overrideAction", {"count": {}}),
        ("rules/*/action", {"count": {}}),
        ("visibilityConfig/cloudwatchMetricsEnabled", False),
    ),
    *on("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", ("redactedFields", [])),
    *on("aws:acm/certificate:Certificate", ("validationMethod", "EMAIL")),
    *on(
        BALANCER,
        ("internal", False),
        ("dropInvalidHeaderFields", False),
        ("desyncMitigationMode", "monitor"),
        ("enableDeletionProtection", False),
        ("accessLogs/enabled", False),
        ("subnets", ["one"]),
    ),
    *on("aws:lb/listener:Listener", ("protocol", "HTTP"), ("sslPolicy", "ELBSecurityPolicy-2016-08")),
    *on(
        CLUSTER,
        ("vpcConfig/endpointPublicAccess", True),
        ("vpcConfig/endpointPrivateAccess", False),
        ("version", "1.32"),
        ("upgradePolicy/supportType", "EXTENDED"),
        ("encryptionConfig", GONE),
        ("enabledClusterLogTypes", ["api"]),
        ("deletionProtection", False),
        ("accessConfig/authenticationMode", "CONFIG_MAP"),
    ),
    *on("kubernetes:core/v1:ConfigMapPatch", ("data/enable-network-policy-controller", "false")),
    *on(
        DEPLOYMENT,
        (f"{SPEC}/containers/*/securityContext/privileged", True),
        (f"{SPEC}/hostNetwork", True),
        (f"{SPEC}/hostPID", True),
        (f"{SPEC}/containers/*/securityContext/allowPrivilegeEscalation", True),
        (f"{SPEC}/securityContext/runAsUser", 0),
        (f"{SPEC}/containers/*/securityContext/runAsNonRoot", False),
        (f"{SPEC}/containers/*/securityContext/capabilities/drop", []),
        (f"{SPEC}/containers/*/securityContext/capabilities/add", ["SYS_ADMIN"]),
        (f"{SPEC}/securityContext/seccompProfile", GONE),
        (f"{SPEC}/containers/*/securityContext/readOnlyRootFilesystem", False),
        (f"{SPEC}/volumes", [{"name": "node", "hostPath": {"path": "/"}}]),
        (f"{SPEC}/volumes/*/emptyDir/sizeLimit", GONE),
        (f"{SPEC}/automountServiceAccountToken", True),
        (f"{SPEC}/serviceAccountName", GONE),
        (f"{SPEC}/containers/*/resources/limits/memory", GONE),
        (f"{SPEC}/containers/*/resources/requests/cpu", GONE),
        (f"{SPEC}/containers/*/image", "flowiseai/flowise:latest"),
        (f"{SPEC}/containers/*/readinessProbe", GONE),
        (f"{SPEC}/containers/*/livenessProbe", GONE),
        (f"{SPEC}/containers/*/env", [{"name": "DATABASE_PASSWORD", "value": "hunter2"}]),
        (f"{SPEC}/containers/*/env", [{"name": "AWS_SECRET_ACCESS_KEY", "value": "x"}]),
        (f"{SPEC}/topologySpreadConstraints", []),
        ("metadata/namespace", "default"),
    ),
    *on(
        JOB,
        (f"{SPEC}/containers/*/securityContext/readOnlyRootFilesystem", False),
        (f"{SPEC}/automountServiceAccountToken", True),
        (f"{SPEC}/containers/*/image", "flowiseai/flowise:latest"),
        ("spec/activeDeadlineSeconds", GONE),
    ),
    *on("kubernetes:core/v1:Namespace", ("metadata/labels", {})),
    *on("kubernetes:core/v1:ServiceAccount", ("automountServiceAccountToken", True)),
    *on("kubernetes:core/v1:ConfigMap", ("data/DATABASE_PASSWORD", "hunter2"), name="flowise"),
    *on("kubernetes:core/v1:ConfigMap", ("data/ALLOW_BUILTIN_DEP", "true"), name="flowise"),
    *on("kubernetes:core/v1:Service", ("spec/type", "LoadBalancer")),
    *on("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", ("spec/maxReplicas", 1000)),
    *on("pulumi:providers:aws", ("defaultTags", '{"tags": {}}')),
    *(
        Mutation(type=type_, path="", value="unprotected", without="not protected")
        for type_ in (DB, GROUP, "aws:kms/key:Key", "aws:s3/bucket:Bucket", "aws:secretsmanager/secret:Secret")
    ),
    *on("kubernetes:networking.k8s.io/v1:NetworkPolicy", ("spec/egress", [{}]), ("spec/ingress", [{"ports": []}])),
    *on("kubernetes:helm.sh/v3:Release", ("version", GONE), ("repositoryOpts/repo", "http://charts.example.com")),
    *on("kubernetes:keda.sh/v1alpha1:ScaledObject", ("spec/maxReplicaCount", GONE)),
    *on("kubernetes:scheduling.k8s.io/v1:PriorityClass", ("globalDefault", True)),
    *on(
        "kubernetes:karpenter.sh/v1:NodePool",
        ("spec/limits", GONE),
        ("spec/template/spec/expireAfter", "Never"),
    ),
    *on(
        "kubernetes:eks.amazonaws.com/v1:NodeClass",
        ("spec/advancedNetworking/associatePublicIPAddress", True),
    ),
    *on("aws:backup/vault:Vault", ("kmsKeyArn", GONE), ("forceDestroy", True)),
    *on("aws:backup/plan:Plan", ("rules/*/lifecycle/deleteAfter", 1), ("rules/*/lifecycle", GONE)),
    *gone("aws:backup/vaultLockConfiguration:VaultLockConfiguration", "aws:backup/selection:Selection"),
    *on("aws:backup/vaultLockConfiguration:VaultLockConfiguration", ("minRetentionDays", GONE)),
    *on("aws:sns/topic:Topic", ("kmsMasterKeyId", GONE)),
    text("aws:backup/vaultPolicy:VaultPolicy", "policy", ('"Effect": "Deny"', '"Effect": "Allow"'), "allows everybody"),
    text(
        "aws:sns/topicPolicy:TopicPolicy", "policy", ('{"Service": ["backup.amazonaws.com"]}', '"*"'), "for everybody"
    ),
    *on(
        "aws:ec2/securityGroup:SecurityGroup",
        ("description", "Managed by Pulumi"),
        ("ingress", [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["0.0.0.0/0"]}]),
        ("ingress", [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["10.0.0.0/8"]}]),
        name="database",
    ),
    *on("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", ("description", GONE)),
    *on("aws:rds/subnetGroup:SubnetGroup", ("subnetIds", PUBLIC), name="database"),
    *on("aws:elasticache/subnetGroup:SubnetGroup", ("subnetIds", PUBLIC), name="queue"),
    *on(
        "kubernetes:apps/v1:DaemonSet",
        (f"{SPEC}/containers/*/securityContext/privileged", True),
        (f"{SPEC}/containers/*/securityContext/readOnlyRootFilesystem", False),
        (f"{SPEC}/containers/*/securityContext/capabilities/drop", []),
        (f"{SPEC}/containers/*/image", "docker.io/fluent/fluentd:latest"),
        (f"{SPEC}/hostNetwork", True),
        ("metadata/namespace", "default"),
    ),
    *on("kubernetes:core/v1:Secret", ("metadata/namespace", "default"), name="flowise"),
    *on("kubernetes:core/v1:Secret", ("stringData/ALLOW_BUILTIN_DEP", "true"), name="flowise"),
    *on(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        ("rules/*/resources", ["*"]),
        ("rules/*/resources", ["secrets"]),
        ("rules/*/verbs", ["*"]),
    ),
    *on("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", ("roleRef/name", "cluster-admin")),
]

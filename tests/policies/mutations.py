"""Each security property of the components, and the value that turns it off."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final, cast, final

from policies.model import Resource, Stack


@final
class Gone:
    """Instead of a value: remove the input, or with no path the whole resource."""


GONE: Final = Gone()
Change = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One property of the resources of a type, turned off."""

    type: str
    path: str
    """Inputs by key; `*` is every entry of a list; empty is the resource itself."""
    value: Any
    name: str = "*"
    """Logical name of the resources; `*` for all."""
    without: str = ""
    """Words of the page for a value that does not show itself."""

    @property
    def what(self) -> str:
        """The mutation in words."""
        short = self.type.rpartition(":")[2] + ("" if self.name == "*" else f" {self.name}")
        if not self.path:
            return f"{short}: {self.without or 'removed'}"
        shown = self.without or ("removed" if self.value is GONE else f"{self.value}")
        return f"{short}: {self.path} {shown}"


def _apply(value: Any, path: list[str], new: Any) -> Any:
    key, *rest = path
    if key == "*":
        return [_apply_to(item, rest, new) for item in cast("list[Any]", value)]
    copy = cast("dict[str, Any]", deepcopy(value))
    if not rest and new is GONE:
        copy.pop(key, None)
        return copy
    current = copy.get(key)
    copy[key] = _apply_to({} if current is None and rest else current, rest, new)
    return copy


def _apply_to(value: Any, path: list[str], new: Any) -> Any:
    if path:
        return _apply(value, path, new)
    return new(value) if callable(new) else new


def mutate(stack: Stack, mutation: Mutation) -> Stack:
    """The stack with the property turned off. Raises `LookupError` when no resource has it."""
    hit = False
    changed: list[Resource] = []
    for resource in stack.resources:
        if resource.type != mutation.type or mutation.name not in ("*", resource.name):
            changed.append(resource)
            continue
        if not mutation.path:
            hit = True
            if mutation.value == "unprotected":
                changed.append(replace(resource, protect=False))
            continue
        props = _apply(dict(resource.props), mutation.path.split("/"), mutation.value)
        hit = hit or props != resource.props
        changed.append(replace(resource, props=props))
    if not hit:
        raise LookupError(f"nothing to turn off: {mutation.what}")
    return replace(stack, resources=tuple(changed))


def _on(type_: str, *changes: tuple[str, Any], name: str = "*") -> list[Mutation]:
    return [Mutation(type=type_, path=path, value=value, name=name) for path, value in changes]


def _gone(*types: str) -> list[Mutation]:
    return [Mutation(type=type_, path="", value=GONE) for type_ in types]


def _text(type_: str, path: str, change: tuple[str, str], words: str, name: str = "*") -> Mutation:
    old, new = change

    def replaced(value: object) -> str:
        return str(value).replace(old, new)

    return Mutation(type=type_, path=path, value=replaced, without=words, name=name)


def _without_tls(parameters: list[dict[str, str]]) -> list[dict[str, str]]:
    return [parameter for parameter in parameters if parameter["name"] != "rds.force_ssl"]


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

PROD = [
    *_on(
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
    *_on(
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
    *_gone(
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
    *_on("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", ("blockPublicPolicy", False), name="files"),
    *_on(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        ("rules/*/applyServerSideEncryptionByDefault/sseAlgorithm", "AES256"),
        name="files",
    ),
    *_on("aws:s3/bucketVersioning:BucketVersioning", ("versioningConfiguration/status", "Suspended")),
    *_on("aws:s3/bucket:Bucket", ("acl", "public-read"), ("forceDestroy", True)),
    *_on("aws:kms/key:Key", ("enableKeyRotation", False), ("deletionWindowInDays", 7)),
    _text("aws:kms/key:Key", "policy", ('{"AWS": ["arn:aws:iam::123456789012:root"]}', '"*"'), "for everybody"),
    *_on("aws:secretsmanager/secret:Secret", ("kmsKeyId", GONE), ("recoveryWindowInDays", 0)),
    *_on("aws:cloudwatch/logGroup:LogGroup", ("retentionInDays", GONE), ("retentionInDays", 3), ("kmsKeyId", GONE)),
    *_on("aws:ec2/flowLog:FlowLog", ("trafficType", "REJECT")),
    *_on("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", ("ingress", [{"self": True, "protocol": "-1"}])),
    *_on(INGRESS, ("cidrIpv4", "0.0.0.0/0"), ("cidrIpv6", "::/0"), ("ipProtocol", "-1"), ("toPort", 65535)),
    *_on(INGRESS, ("description", GONE)),
    *_on("aws:ec2/subnet:Subnet", ("mapPublicIpOnLaunch", True), ("tags/SubnetType", "Public")),
    _text(ROLE_POLICY, "policy", ('"s3:GetObject"', '"s3:*"'), "with s3:*", "flowise"),
    _text(ROLE_POLICY, "policy", ('["s3:ListBucket"]', '["iam:PutRolePolicy"]'), "with iam:PutRolePolicy", "flowise"),
    _text(ROLE_POLICY, "policy", ('["s3:ListBucket"]', '["iam:PassRole"]'), "with iam:PassRole", "flowise"),
    _text(
        ROLE_POLICY,
        "policy",
        ("arn:aws:kms:us-east-1:123456789012:key/key-be35fe1b", "*"),
        "decrypts with every key",
        "flowise-migration",
    ),
    _text(ROLE, "assumeRolePolicy", ("aws:RequestTag/kubernetes", "aws:x"), "not bound to namespace", "flowise"),
    _text(ROLE, "assumeRolePolicy", ('{"Service": ["pods.eks.amazonaws.com"]}', '"*"'), "for everybody", "flowise"),
    *(
        _text(ROLE, "assumeRolePolicy", ("aws:SourceAccount", "aws:x"), "not bound to the account", name)
        for name in ("network-flow", "database-monitoring", "backup", "backup-restore")
    ),
    *_on(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        ("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    *_on(
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
    *_on(
        ORIGIN,
        ("vpcOriginEndpointConfig/originProtocolPolicy", "http-only"),
        ("vpcOriginEndpointConfig/originSslProtocols/items", ["TLSv1", "TLSv1.2"]),
    ),
    *_on(
        HEADERS,
        ("securityHeadersConfig/strictTransportSecurity", GONE),
        ("securityHeadersConfig/strictTransportSecurity/accessControlMaxAgeSec", 60),
        ("securityHeadersConfig/contentTypeOptions", GONE),
    ),
    *_on(
        ACL,
        ("rules", []),
        ("rules/*/overrideAction", {"count": {}}),
        ("rules/*/action", {"count": {}}),
        ("visibilityConfig/cloudwatchMetricsEnabled", False),
    ),
    *_on("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", ("redactedFields", [])),
    *_on("aws:acm/certificate:Certificate", ("validationMethod", "EMAIL")),
    *_on(
        BALANCER,
        ("internal", False),
        ("dropInvalidHeaderFields", False),
        ("desyncMitigationMode", "monitor"),
        ("enableDeletionProtection", False),
        ("accessLogs/enabled", False),
        ("subnets", ["one"]),
    ),
    *_on("aws:lb/listener:Listener", ("protocol", "HTTP"), ("sslPolicy", "ELBSecurityPolicy-2016-08")),
    *_on(
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
    *_on("kubernetes:core/v1:ConfigMapPatch", ("data/enable-network-policy-controller", "false")),
    *_on(
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
    *_on(
        JOB,
        (f"{SPEC}/containers/*/securityContext/readOnlyRootFilesystem", False),
        (f"{SPEC}/automountServiceAccountToken", True),
        (f"{SPEC}/containers/*/image", "flowiseai/flowise:latest"),
        ("spec/activeDeadlineSeconds", GONE),
    ),
    *_on("kubernetes:core/v1:Namespace", ("metadata/labels", {})),
    *_on("kubernetes:core/v1:ServiceAccount", ("automountServiceAccountToken", True)),
    *_on("kubernetes:core/v1:ConfigMap", ("data/DATABASE_PASSWORD", "hunter2"), name="flowise"),
    *_on("kubernetes:core/v1:ConfigMap", ("data/ALLOW_BUILTIN_DEP", "true"), name="flowise"),
    *_on("kubernetes:core/v1:Service", ("spec/type", "LoadBalancer")),
    *_on("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", ("spec/maxReplicas", 1000)),
    *_on("pulumi:providers:aws", ("defaultTags", '{"tags": {}}')),
    *(
        Mutation(type=type_, path="", value="unprotected", without="not protected")
        for type_ in (DB, GROUP, "aws:kms/key:Key", "aws:s3/bucket:Bucket", "aws:secretsmanager/secret:Secret")
    ),
    *_on("kubernetes:networking.k8s.io/v1:NetworkPolicy", ("spec/egress", [{}]), ("spec/ingress", [{"ports": []}])),
    *_on("kubernetes:helm.sh/v3:Release", ("version", GONE), ("repositoryOpts/repo", "http://charts.example.com")),
    *_on("kubernetes:keda.sh/v1alpha1:ScaledObject", ("spec/maxReplicaCount", GONE)),
    *_on("kubernetes:scheduling.k8s.io/v1:PriorityClass", ("globalDefault", True)),
    *_on(
        "kubernetes:karpenter.sh/v1:NodePool",
        ("spec/limits", GONE),
        ("spec/template/spec/expireAfter", "Never"),
    ),
    *_on(
        "kubernetes:eks.amazonaws.com/v1:NodeClass",
        ("spec/advancedNetworking/associatePublicIPAddress", True),
    ),
    *_on("aws:backup/vault:Vault", ("kmsKeyArn", GONE), ("forceDestroy", True)),
    *_on("aws:backup/plan:Plan", ("rules/*/lifecycle/deleteAfter", 1), ("rules/*/lifecycle", GONE)),
    *_gone("aws:backup/vaultLockConfiguration:VaultLockConfiguration", "aws:backup/selection:Selection"),
    *_on("aws:backup/vaultLockConfiguration:VaultLockConfiguration", ("minRetentionDays", GONE)),
    *_on("aws:sns/topic:Topic", ("kmsMasterKeyId", GONE)),
]
"""On prod."""

DEV = _on(CLUSTER, ("vpcConfig/publicAccessCidrs", ["0.0.0.0/0"]), ("vpcConfig/publicAccessCidrs", GONE))
"""On dev, whose endpoint is public."""

RUNNER = [
    *_on(
        "aws:codebuild/project:Project",
        ("environment/privilegedMode", True),
        ("environment/environmentVariables", [{"name": "GITHUB_TOKEN", "value": "x"}]),
        ("logsConfig", GONE),
        ("logsConfig/cloudwatchLogs/status", "DISABLED"),
        ("projectVisibility", "PUBLIC_READ"),
        ("source/location", "https://x-token@github.com/acme/flowise.git"),
    ),
    *_on(
        "aws:codebuild/webhook:Webhook",
        ("filterGroups", GONE),
        ("filterGroups/*/filters", [{"type": "EVENT", "pattern": "WORKFLOW_JOB_QUEUED"}]),
    ),
    *_on("aws:cloudwatch/logGroup:LogGroup", ("kmsKeyId", GONE), ("retentionInDays", GONE), name="runner"),
    _text(ROLE, "assumeRolePolicy", ("aws:Source", "aws:Other"), "bound to no account", name="runner"),
    _text(ROLE_POLICY, "policy", ("logs:PutLogEvents", "logs:*"), "every action on its log", name="runner"),
    _text(ROLE_POLICY, "policy", ("ec2:DescribeVpcs", "ec2:DeleteVpc"), "on every network", name="runner"),
    *_on(INGRESS, ("cidrIpv4", "0.0.0.0/0"), ("fromPort", 0), name="cluster-api-runner"),
]
"""On a stack with a runner."""

RETRIEVAL = [
    *_on(
        "aws:opensearch/domain:Domain",
        ("encryptAtRest/enabled", False),
        ("encryptAtRest/kmsKeyId", GONE),
        ("vpcOptions", GONE),
        ("vpcOptions/securityGroupIds", []),
        ("nodeToNodeEncryption", GONE),
        ("domainEndpointOptions/enforceHttps", False),
        ("domainEndpointOptions/tlsSecurityPolicy", "Policy-Min-TLS-1-0-2019-07"),
        ("advancedSecurityOptions", GONE),
        ("advancedSecurityOptions/anonymousAuthEnabled", True),
        ("logPublishingOptions", GONE),
        ("clusterConfig/zoneAwarenessEnabled", False),
        ("softwareUpdateOptions", GONE),
    ),
    *_on(INGRESS, ("cidrIpv4", "0.0.0.0/0"), name="retrieval-from-cluster"),
]
"""On a stack with an OpenSearch domain."""

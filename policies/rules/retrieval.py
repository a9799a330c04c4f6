"""OpenSearch for retrieval flows."""

from collections.abc import Iterator

from policies.model import Resource, mapping, number, rule, text

DOMAIN = "aws:opensearch/domain:Domain"
_TLS = ("Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08")
_FEWEST_NODES = 3


@rule(DOMAIN, fix="set encrypt_at_rest with enabled and kms_key_id", controls=("AWS Opensearch.1",))
def opensearch_encrypted(domain: Resource) -> Iterator[str]:
    """Its index holds the text of every document that a flow has read."""
    if domain.lacks("encryptAtRest.enabled", True):
        yield "encryptAtRest.enabled is not true"
    if domain.without("encryptAtRest.kmsKeyId"):
        yield "encryptAtRest.kmsKeyId names no key"


@rule(DOMAIN, fix="set vpc_options with subnet_ids and security_group_ids", controls=("AWS Opensearch.2",))
def opensearch_in_vpc(domain: Resource) -> Iterator[str]:
    """Without them its address is public, and a password alone keeps everybody out; it cannot be moved later."""
    for key in ("subnetIds", "securityGroupIds"):
        if domain.without(f"vpcOptions.{key}"):
            yield f"vpcOptions.{key} is not set"


@rule(DOMAIN, fix="set node_to_node_encryption with enabled", controls=("AWS Opensearch.3",))
def opensearch_nodes_encrypted(domain: Resource) -> Iterator[str]:
    """Nodes send each other whole documents."""
    if domain.lacks("nodeToNodeEncryption.enabled", True):
        yield "nodeToNodeEncryption.enabled is not true"


@rule(
    DOMAIN,
    fix="set domain_endpoint_options with enforce_https and a tls_security_policy with perfect forward secrecy",
    controls=("AWS Opensearch.8",),
)
def opensearch_https(domain: Resource) -> Iterator[str]:
    """Password and documents cross the network; older policies answer TLS 1.0."""
    if domain.lacks("domainEndpointOptions.enforceHttps", True):
        yield "domainEndpointOptions.enforceHttps is not true"
    if domain.lacks("domainEndpointOptions.tlsSecurityPolicy", *_TLS):
        yield f"domainEndpointOptions.tlsSecurityPolicy is {domain.get('domainEndpointOptions.tlsSecurityPolicy')}"


@rule(
    DOMAIN,
    fix="set advanced_security_options with enabled, a master user, and no anonymous access",
    controls=("AWS Opensearch.7",),
)
def opensearch_password(domain: Resource) -> Iterator[str]:
    """Without it whoever reaches the port reads and deletes every index."""
    if domain.lacks("advancedSecurityOptions.enabled", True):
        yield "advancedSecurityOptions.enabled is not true"
    if domain.get("advancedSecurityOptions.anonymousAuthEnabled") is True:
        yield "advancedSecurityOptions.anonymousAuthEnabled is true"


@rule(
    DOMAIN,
    fix="publish ES_APPLICATION_LOGS and AUDIT_LOGS in log_publishing_options",
    controls=("AWS Opensearch.4", "AWS Opensearch.5"),
)
def opensearch_logged(domain: Resource) -> Iterator[str]:
    """Errors explain a red cluster, and only the log of access says who has read what."""
    published = {text(mapping(log).get("logType")) for log in domain.items("logPublishingOptions")}
    for missing in sorted({"AUDIT_LOGS", "ES_APPLICATION_LOGS"} - published):
        yield f"logPublishingOptions has no {missing}"


@rule(
    DOMAIN,
    fix="set instance_count to at least 3, and zone_awareness_enabled",
    controls=("AWS Opensearch.6",),
    protected_only=True,
)
def opensearch_zones(domain: Resource) -> Iterator[str]:
    """With three nodes in several zones the cluster outlives the loss of one, and nothing is lost with it."""
    nodes = number(domain.get("clusterConfig.instanceCount"))
    if nodes is None or nodes < _FEWEST_NODES:
        yield f"clusterConfig.instanceCount is {domain.get('clusterConfig.instanceCount')}"
    if domain.lacks("clusterConfig.zoneAwarenessEnabled", True):
        yield "clusterConfig.zoneAwarenessEnabled is not true"


@rule(DOMAIN, fix="set software_update_options with auto_software_update_enabled", controls=("AWS Opensearch.10",))
def opensearch_updates(domain: Resource) -> Iterator[str]:
    """Updates of the service software carry the security fixes."""
    if domain.lacks("softwareUpdateOptions.autoSoftwareUpdateEnabled", True):
        yield "softwareUpdateOptions.autoSoftwareUpdateEnabled is not true"

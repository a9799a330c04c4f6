"""On a stack with an OpenSearch domain."""

from tests.policies.mutations import GONE, on

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

MUTATIONS = [
    *on(
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
    *on(INGRESS, ("cidrIpv4", "0.0.0.0/0"), name="retrieval-from-cluster"),
]

"""On dev, whose endpoint is public, and whose way out is an instance."""

from tests.policies.mutations import GONE, on

MUTATIONS = [
    *on(
        "aws:eks/cluster:Cluster",
        ("vpcConfig/publicAccessCidrs", ["0.0.0.0/0"]),
        ("vpcConfig/publicAccessCidrs", GONE),
    ),
    *on(
        "aws:ec2/instance:Instance",
        ("metadataOptions/httpTokens", "optional"),
        ("rootBlockDevice/encrypted", False),
        ("rootBlockDevice/kmsKeyId", GONE),
        ("keyName", "operators"),
    ),
]

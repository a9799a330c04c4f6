"""On a stack with a runner of deployments."""

from tests.policies.mutations import GONE, on, text

ON = "dev"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

MUTATIONS = [
    *on(
        "aws:codebuild/project:Project",
        ("environment/privilegedMode", True),
        ("environment/environmentVariables", [{"name": "GITHUB_TOKEN", "value": "x"}]),
        ("logsConfig", GONE),
        ("logsConfig/cloudwatchLogs/status", "DISABLED"),
        ("projectVisibility", "PUBLIC_READ"),
        ("source/location", "https://x-token@github.com/acme/flowise.git"),
    ),
    *on(
        "aws:codebuild/webhook:Webhook",
        ("filterGroups", GONE),
        ("filterGroups/*/filters", [{"type": "EVENT", "pattern": "WORKFLOW_JOB_QUEUED"}]),
    ),
    *on("aws:cloudwatch/logGroup:LogGroup", ("kmsKeyId", GONE), ("retentionInDays", GONE), name="runner"),
    text(ROLE, "assumeRolePolicy", ("aws:Source", "aws:Other"), "bound to no account", name="runner"),
    text(ROLE_POLICY, "policy", ("logs:PutLogEvents", "logs:*"), "every action on its log", name="runner"),
    text(ROLE_POLICY, "policy", ("ec2:DescribeVpcs", "ec2:DeleteVpc"), "on every network", name="runner"),
    *on(INGRESS, ("cidrIpv4", "0.0.0.0/0"), ("fromPort", 0), name="cluster-api-runner"),
]

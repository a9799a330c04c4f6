"""OpenSearch domains."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made

_WORDS = {
    "ebsEnabled": "EBSEnabled",
    "ebsOptions": "EBSOptions",
    "encryptAtRest": "EncryptionAtRestOptions",
    "enforceHttps": "EnforceHTTPS",
    "kmsKeyId": "KmsKeyId",
    "masterUserName": "MasterUserName",
    "nodeToNodeEncryption": "NodeToNodeEncryptionOptions",
    "tlsSecurityPolicy": "TLSSecurityPolicy",
    "vpcOptions": "VPCOptions",
}
"""What AWS calls otherwise."""
_AS_GIVEN = (
    "accessPolicies",
    "advancedSecurityOptions",
    "clusterConfig",
    "domainEndpointOptions",
    "ebsOptions",
    "encryptAtRest",
    "engineVersion",
    "nodeToNodeEncryption",
    "offPeakWindowOptions",
    "softwareUpdateOptions",
    "vpcOptions",
)


def _domain(request: ResourceRequest) -> Created:
    name: str = request.inputs["domainName"]
    logs = {
        log["logType"]: {"CloudWatchLogsLogGroupArn": log["cloudwatchLogGroupArn"], "Enabled": True}
        for log in request.inputs["logPublishingOptions"]
    }
    answer = request.client("opensearch", request.region).create_domain(
        DomainName=name,
        **request.inputs.pascal(*_AS_GIVEN, words=_WORDS),
        AdvancedOptions=request.inputs["advancedOptions"],
        LogPublishingOptions=logs,
        TagList=request.tag_list(),
    )
    status = answer["DomainStatus"]
    return made(status["ARN"], arn=status["ARN"], domainName=name, endpoint=status["Endpoints"]["vpc"])


HANDLERS: Mapping[str, Handler] = {"aws:opensearch/domain:Domain": _domain}

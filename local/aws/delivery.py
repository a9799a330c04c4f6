"""CodeBuild project of the runner. Its words are CodeBuild's own but for one."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made


def _project(request: ResourceRequest) -> Created:
    inputs = request.inputs
    name: str = request.physical_name()
    answer = request.client("codebuild", request.region).create_project(
        name=name,
        description=inputs["description"],
        source=inputs["source"],
        artifacts=inputs["artifacts"],
        environment=inputs["environment"],
        serviceRole=inputs["serviceRole"],
        vpcConfig=inputs["vpcConfig"],
        logsConfig={"cloudWatchLogs": inputs["logsConfig"]["cloudwatchLogs"]},
        timeoutInMinutes=int(inputs["buildTimeout"]),
        queuedTimeoutInMinutes=int(inputs["queuedTimeout"]),
        tags=[{"key": key, "value": value} for key, value in request.tags().items()],
    )
    arn: str = answer["project"]["arn"]
    return made(arn, arn=arn, name=name)


HANDLERS: Mapping[str, Handler] = {"aws:codebuild/project:Project": _project}

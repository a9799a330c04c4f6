"""CodeBuild project of the runner. Its words are CodeBuild's own but for one."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.making import Maker, Making, made


def _project(making: Making) -> Created:
    inputs = making.inputs
    name: str = making.physical_name(limit=150)
    answer = making.client("codebuild", making.region).create_project(
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
        tags=[{"key": key, "value": value} for key, value in making.tags().items()],
    )
    arn: str = answer["project"]["arn"]
    return made(arn, arn=arn, name=name)


MAKERS: Mapping[str, Maker] = {"aws:codebuild/project:Project": _project}

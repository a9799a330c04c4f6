"""Machines of CodeBuild that run a stack's jobs."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage

_FREE_SMALL_MINUTES: Final = 100


class RunnerUsage(Usage):
    """How long they run."""

    runner_minutes: Figure = 600
    """Minutes of the runner's machines: 20 deployments of 20 minutes, and drift detection of 7 every night."""


def _runner(resource: Resource) -> Amounts:
    """Minutes of a small machine are free up to 100 a month."""
    minutes = resource.usage.of(RunnerUsage).runner_minutes
    size = str(resource.inputs["environment"]["computeType"]).rpartition("_")[2].lower()
    paid = max(0.0, minutes - _FREE_SMALL_MINUTES) if size == "small" else minutes
    yield Amount(what=f"minutes of a {size} machine", price=f"codebuild.{size}", quantity=paid, part="use")


SERVICE: Final = Service(
    usage=RunnerUsage,
    prices={
        "codebuild.small": Price(0.005, "minute", "infracost", at="codebuild_project_test"),
        "codebuild.medium": Price(0.01, "minute", "infracost", at="codebuild_project_test"),
        "codebuild.large": Price(0.02, "minute", "infracost", at="codebuild_project_test"),
    },
    rules={"aws:codebuild/project:Project": _runner},
)

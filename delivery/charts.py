"""`make chart-rights`: render every Helm chart of the stacks with our values, and read what it would be allowed.

A preview shows a release and not what is in it: a chart that is raised, or a value with another name, can bring rights
that nobody asked for. The pods of a chart may use Secrets of the chart's own namespace, and of no other.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, cast

import typer
import yaml

from analysis.plan import record_stack
from analysis.recorder import Recording
from analysis.stackfiles import StackConfig, override, read_stack, stack_names
from delivery.chart_rights import Manifest, faults
from settings import PROJECT, parse_settings

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_SECONDS: Final = 300
_OPTIONAL: Final = {
    "telemetry.datadog": {"site": "datadoghq.eu"},
    "telemetry.traces.exporters": ["aws", "datadog"],
}
"""Settings that bring a chart and that no stack file of this repository has."""
_SECRETS: Final = {f"{PROJECT}:datadog_api_key": "not-a-key"}


class ChartError(Exception):
    """A chart cannot be rendered; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A release as a stack asks for it."""

    name: str
    chart: str
    version: str
    repository: str
    namespace: str
    values: str
    """As JSON, which Helm reads as YAML."""
    kubernetes: str

    @property
    def title(self) -> str:
        """What a person calls it."""
        return f"{self.chart} {self.version}"


def charts() -> list[Chart]:
    """Every chart of every stack file, and of prod with each section that brings one."""
    found: dict[Chart, None] = {}
    for config in [*map(read_stack, stack_names()), _with_everything()]:
        version = parse_settings(config.values, config.secret_keys, config.stack).cluster.kubernetes_version
        found |= dict.fromkeys(_releases(record_stack(config), version))
    return list(found)


def _with_everything() -> StackConfig:
    config = override(read_stack("prod"), [f"{key}={json.dumps(value)}" for key, value in _OPTIONAL.items()])
    return replace(config, values={**config.values, **_SECRETS}, secret_keys=(*config.secret_keys, *_SECRETS))


def _releases(recording: Recording, kubernetes: str) -> Iterator[Chart]:
    for release in recording.of_type(RELEASE):
        given = release.inputs
        yield Chart(
            name=given["name"],
            chart=given["chart"],
            version=given["version"],
            repository=given["repositoryOpts"]["repo"],
            namespace=given["namespace"],
            values=json.dumps(given["values"], sort_keys=True),
            kubernetes=kubernetes,
        )


def command(helm: str, chart: Chart, values: Path, directory: Path | None) -> list[str]:
    """How Helm renders a chart: from its repository, or from an unpacked copy in `directory`."""
    source = [str(directory / chart.chart)] if directory else [chart.chart, "--repo", chart.repository]
    version = [] if directory else ["--version", chart.version]
    where = ["--namespace", chart.namespace, "--kube-version", chart.kubernetes]
    return [helm, "template", chart.name, *source, *version, *where, "--values", str(values)]


def render(helm: str, chart: Chart, directory: Path | None) -> list[Manifest]:
    """Objects that a release would make. Raises `ChartError`."""
    with tempfile.TemporaryDirectory(prefix="flowise-chart-") as folder:
        values = Path(folder) / "values.json"
        values.write_text(chart.values, encoding="utf-8")
        try:
            done = subprocess.run(
                command(helm, chart, values, directory), capture_output=True, text=True, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise ChartError(f"helm has not rendered {chart.title} in {_SECONDS} seconds") from error
    if done.returncode:
        raise ChartError(f"helm cannot render {chart.title} from {chart.repository}: {done.stderr.strip()}")
    objects = [cast("Manifest", each) for each in yaml.safe_load_all(done.stdout) if isinstance(each, dict)]
    if not any(each.get("kind") == "Deployment" for each in objects):
        raise ChartError(f"{chart.title} renders no Deployment: nothing was read")
    return objects


def main(
    directory: Annotated[
        Path | None, typer.Argument(help="Folder of unpacked charts, where no repository answers")
    ] = None,
    *,
    helm: Annotated[str, typer.Option(help="Helm 3")] = "helm",
) -> None:
    """Fail when a chart of a stack would get rights on Secrets outside of its namespace, or a port of a node."""
    if shutil.which(helm) is None:
        typer.echo(f"{helm} is not here: `make chart-rights` builds Helm from its module (needs Go)", err=True)
        raise typer.Exit(1)
    wrong = 0
    for chart in charts():
        try:
            problems = list(faults(render(helm, chart, directory), chart.namespace))
        except ChartError as error:
            problems = [str(error)]
        wrong += len(problems)
        typer.echo(f"{chart.title} in {chart.namespace}: {f'{len(problems)} faults' if problems else 'ok'}")
        for problem in problems:
            typer.echo(f"  - {problem}", err=True)
    if wrong:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

"""Charts that stand for those that a stack takes from the internet: Helm installs them as it would the real ones."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pulumi
import yaml

_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_TEMPLATE: Final = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  values: {{ toJson .Values | quote }}
{{- range $path, $_ := .Files.Glob "definitions/*.yaml" }}
---
{{ $.Files.Get $path }}
{{- end }}
"""
"""Its values, and the kinds that it brings. As in KEDA's chart these are templates: they go with the release."""


class UnknownChartError(Exception):
    """A stack installs a chart that nothing stands for."""


def write_charts(directory: Path, definitions: Mapping[str, Sequence[Path]]) -> None:
    """Write one chart for each name, with the custom resource definitions that it brings."""
    for name, files in definitions.items():
        for part in ("templates", "definitions"):
            (directory / name / part).mkdir(parents=True)
        (directory / name / "templates" / "objects.yaml").write_text(_TEMPLATE, encoding="utf-8")
        for file in files:
            shutil.copyfile(file, directory / name / "definitions" / file.name)


def from_directory(directory: Path) -> pulumi.ResourceTransformation:
    """Let every Helm release take its chart from a directory, in the version that it asks for."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != _RELEASE:
            return None
        chart = directory / str(args.props["chart"])
        if not chart.is_dir():
            raise UnknownChartError(
                f"nothing stands for the chart {chart.name} of the release {args.name}: "
                "add it to CHARTS in engine/kubernetes/live.py"
            )
        described = {"apiVersion": "v2", "name": chart.name, "version": args.props["version"]}
        (chart / "Chart.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
        own = {**args.props, "chart": str(chart), "repository_opts": None}
        return pulumi.ResourceTransformationResult(props=own, opts=args.opts)

    return transform

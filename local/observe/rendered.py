"""The Collector's rendered configuration, with files in place of what is not on this machine."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from local.cluster.store import KubernetesObject, part_of

CONFIG_KEY = "config.yaml"
TRACES, METRICS = "traces.jsonl", "metrics.jsonl"
"""What the Collector received, was not dropped and has no secrets any more: OTLP as JSON, a batch a line."""
_COLLECTOR = "opentelemetry-collector"


def keep_in_files(found: KubernetesObject, directory: Path) -> KubernetesObject:
    """Return a ConfigMap of the Collector with its exporters replaced; any other object as it is.

    Receivers, processors and their order stay as they are rendered.
    """
    labels = part_of(part_of(found.body, "metadata"), "labels")
    data = part_of(found.body, "data")
    if found.kind != "ConfigMap" or labels.get("app.kubernetes.io/name") != _COLLECTOR or CONFIG_KEY not in data:
        return found
    config = local_config(yaml.safe_load(data[CONFIG_KEY]), directory)
    return replace(found, body={**found.body, "data": {**data, CONFIG_KEY: json.dumps(config, indent=2)}})


def local_config(config: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Replace the exporters of both pipelines."""
    files = {"traces": f"file/{TRACES}", "metrics": f"file/{METRICS}"}
    exporters = {
        name: {"path": str(directory / name.partition("/")[2]), "flush_interval": "1s"} for name in files.values()
    }
    service = config["service"]
    pipelines = {name: {**part, "exporters": [files[name]]} for name, part in service["pipelines"].items()}
    return {**config, "exporters": exporters, "service": {**service, "pipelines": pipelines}}

"""What a stack's settings become on this machine."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from local.stackfiles import StackConfig, override

_THIS_MACHINE: Final = "127.0.0.1/32"


def settings_here(config: StackConfig, assignments: Sequence[str], *, observe: bool) -> StackConfig:
    """Return the settings of a start here: this machine stands for the office, and `assignments` win.

    With a Collector all ordinary traces are kept; without, none are made. Raises `StackFileError`.
    """
    return override(config, [*_traces(observe=observe), *_admitted(config), *_unread(config), *assignments])


def _traces(*, observe: bool) -> Iterator[str]:
    if observe:
        yield "telemetry.traces.sampled_percent=100"
        yield 'telemetry.traces.exporters=["aws"]'
        yield "telemetry.traces.otlp=null"
    else:
        yield "telemetry=null"


def _admitted(config: StackConfig) -> Iterator[str]:
    """Let this machine into the admin plane, where a stack lets some networks in and not everybody."""
    edge = json.loads(config.values.get(f"{config.project}:edge", "{}"))
    networks = cast(dict[str, Any], edge).get("admin_cidrs") if isinstance(edge, dict) else None
    if isinstance(networks, list) and networks:
        yield f"edge.admin_cidrs={json.dumps([*cast(list[object], networks), _THIS_MACHINE])}"


def _unread(config: StackConfig) -> Iterator[str]:
    """Leave secrets of Secrets Manager out: the copy of AWS on this machine does not have them."""
    app = json.loads(config.values.get(f"{config.project}:app", "{}"))
    if isinstance(app, dict) and cast(dict[str, Any], app).get("environment_secrets"):
        yield "app.environment_secrets={}"

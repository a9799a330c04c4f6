"""What a stack's settings become on this machine."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from analysis.optional_sections import locally
from analysis.stackfiles import StackConfig, override

_THIS_MACHINE: Final = "127.0.0.1/32"
_VPC_HERE: Final = "10.20.0.0/16"
_SMALLEST_VPC_HERE: Final = 20
"""Prefix of the smallest VPC that the program makes; an existing one may be smaller."""


def local_overrides(config: StackConfig, assignments: Sequence[str], *, observe: bool) -> StackConfig:
    """Return the settings of a start here: this machine stands for the office, and `assignments` win.

    With a Collector all ordinary traces are kept; without, none are made. Raises `StackFileError`.
    """
    own = [*_traces(observe=observe), *_admitted(config), *_unread(config), *_made(config), *_straight(config)]
    own += [
        f"{path}={json.dumps(value)}"
        for said in locally(config.values).values()
        for path, value in said.instead.items()
    ]
    return override(config, [*own, *assignments])


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
    internal = json.loads(config.values.get(f"{config.project}:internal", "{}"))
    for key in ("client_cidrs", "admin_cidrs"):
        networks = cast(dict[str, Any], internal).get(key) if isinstance(internal, dict) else None
        if isinstance(networks, list) and networks:
            yield f"internal.{key}={json.dumps([*cast(list[object], networks), _THIS_MACHINE])}"


def _unread(config: StackConfig) -> Iterator[str]:
    """Leave secrets of Secrets Manager out: the copy of AWS on this machine does not have them."""
    app = json.loads(config.values.get(f"{config.project}:app", "{}"))
    if isinstance(app, dict) and cast(dict[str, Any], app).get("environment_secrets"):
        yield "app.environment_secrets={}"


def _made(config: StackConfig) -> Iterator[str]:
    """Make cluster and VPC where a stack uses those of somebody else: the copy of AWS on this machine has neither."""
    cluster, network = (_section(config, name) for name in ("cluster", "network"))
    if cluster.get("existing"):
        yield f'cluster={{"public_access_cidrs": ["{_THIS_MACHINE}"]}}'
    if network.get("existing"):
        yield "network.existing=null"
        if int(str(network.get("cidr", _VPC_HERE)).rpartition("/")[2]) > _SMALLEST_VPC_HERE:
            yield f"network.cidr={_VPC_HERE}"


def _section(config: StackConfig, name: str) -> dict[str, Any]:
    found = json.loads(config.values.get(f"{config.project}:{name}", "{}"))
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _straight(config: StackConfig) -> Iterator[str]:
    """Leave the proxy out: it is for the machines of the VPC, and its password is not decrypted here."""
    if _section(config, "app").get("proxy"):
        yield "app.proxy=null"


def notes(config: StackConfig) -> Iterator[str]:
    """What a person must know who expects here what the stack file says."""
    for name, said in locally(config.values).items():
        yield f"{config.project}:{name}: {said.note}"

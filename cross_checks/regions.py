"""The region, its partition, its zones, and the other one."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.common.regions import govcloud_problems, partition_problems
from components.encryption import RecoverySettings
from components.network import NetworkSettings


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _partition(sections)
    yield from _zones_of_the_region(sections)
    yield from _recovery_elsewhere(sections)


def _partition(sections: Mapping[str, Any]) -> Iterable[str]:
    """What the partition of the region lacks."""
    if region := sections.get("region"):
        yield from partition_problems(region, sections)
        yield from govcloud_problems(sections)


def _zones_of_the_region(sections: Mapping[str, Any]) -> Iterable[str]:
    """Zones are those of the region."""
    network = cast(NetworkSettings | None, sections.get("network"))
    region = sections.get("region")
    if network and region and (wrong := [zone for zone in network.zones if zone[:-1] != region]):
        yield f"network.zones: {', '.join(wrong)} are not in aws:region {region}"


def _recovery_elsewhere(sections: Mapping[str, Any]) -> Iterable[str]:
    """A region that is lost takes its copies along."""
    region = sections.get("region")
    recovery = cast(RecoverySettings | None, sections.get("recovery"))
    if recovery and recovery.region == region:
        yield f"recovery.region: {region} is the stack's own region; choose another, which is not lost together with it"

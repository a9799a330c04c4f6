"""What a picture is made of: boxes, and arrows between them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from analysis.recorder import Recording
from components.common.catalogue import CATALOGUE


class Picture(StrEnum):
    """A picture, by the name of its file."""

    OVERVIEW = "architecture"
    EDGE = "architecture-edge"
    NETWORK = "architecture-network"
    CLUSTER = "architecture-cluster"
    DATA = "architecture-data"
    OBSERVABILITY = "architecture-observability"


OVERVIEW, EDGE, NETWORK, CLUSTER, DATA, OBSERVABILITY = Picture


@dataclass(frozen=True, kw_only=True)
class Part:
    """A box of the picture."""

    shows: str = ""
    """Type that it stands for; the catalogue has its icon."""
    other_icon: str = ""
    """Icon of what is no type, below `resources/aws` of the package `diagrams`."""
    label: Callable[[Recording], str]
    group: str = ""
    of: str = ""
    """Component whose resources it stands for; empty: not of this program."""
    pictures: tuple[Picture, ...]
    """Those that it is in."""
    there: Callable[[Recording], bool] = lambda _: True
    """Whether the stack has one; a component can leave it out."""

    @property
    def icon(self) -> str:
        """Path below `resources/aws` of the package `diagrams`."""
        return CATALOGUE[self.shows].picture if self.shows else self.other_icon


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """Who calls whom."""

    start: str
    end: str
    label: str = ""
    witness: tuple[str, str] | None = None
    """Component that needs the other; without one it is the start that needs the end."""
    hidden: tuple[Picture, ...] = ()
    """Pictures with both ends that leave it out: another picture shows it, or another arrow of this one."""
    only_with: str = ""
    """Component without which there is no such arrow."""

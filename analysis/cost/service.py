"""What a file of `analysis/cost/services` says: prices, rules by type, and the use that they assume."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as validated

from analysis.recorder import Record, Recording
from components.common.documented import Documented

Source = Literal["quoted", "infracost", "article", "derived", "known", "proportion"]
"""Who says what something costs; `analysis/cost/prices.py` says what each means."""
_PLACED: Final = frozenset({"infracost", "article", "derived"})
"""Sources with many places: a price names its own."""

Part = Literal["fixed", "use"]
Figure = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Figures = TypeVar("_Figures", bound="Usage")


@validated(frozen=True, config=ConfigDict(extra="forbid"))
class Price:
    """What one unit costs, in USD."""

    price: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    unit: str
    source: Source
    at: str = ""
    """Where in the source it stands."""

    def __post_init__(self) -> None:
        """Refuse a source that is not placed, and a place in one that has none."""
        if bool(self.at) != (self.source in _PLACED):
            raise ValueError(
                f"a price that is {self.source} takes {'no ' if self.at else ''}`at`, the place in its source"
            )


@dataclass(frozen=True, kw_only=True)
class Amount:
    """So much of something that has a price."""

    what: str
    price: str
    """Key of a price, of any service."""
    quantity: float
    """In the price's unit, or things that run all month where that is an hour."""
    part: Part = "fixed"
    factor: float = 1.0
    """What else the price is multiplied with, such as the price of the node that a fee is a share of."""


class Usage(Documented):
    """What people do with a stack in a month: the part of the bill that no resource tells.

    One team: some 100,000 predictions a month. Every figure is an assumption. Each service has a subclass with the
    figures that its rules take; `analysis/cost/usage.py` makes one model of all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def of(self, part: type[_Figures]) -> _Figures:
        """The same with the figures of one service. Raises `TypeError` when no service has them as its `usage`."""
        if not isinstance(self, part):
            raise TypeError(f"no `SERVICE` of analysis/cost/services says `usage={part.__name__}`")
        return self


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource to be priced, in its stack."""

    record: Record
    recording: Recording
    usage: Usage

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Its inputs."""
        return self.record.inputs


Amounts = Iterator[Amount]
Rule = Callable[[Resource], Amounts]


@dataclass(frozen=True, kw_only=True)
class Service:
    """What a service, or a theme, costs."""

    usage: type[Usage] = Usage
    """The figures that are its own."""
    prices: Mapping[str, Price]
    """By a key that no other service has. One with a size, such as `rds.db.m7g.large.multi`, gives other sizes too."""
    rules: Mapping[str, Rule]
    """What a resource costs, by its type."""


def flat(what: str, price: str) -> Rule:
    """A rule for what costs the same however it is set."""

    def rule(resource: Resource) -> Amounts:
        del resource
        yield Amount(what=what, price=price, quantity=1)

    return rule

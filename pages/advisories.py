"""The table of Flowise's published advisories in docs/security.md, between its two marks."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from analysis.stackfiles import ROOT

PATH: Path = ROOT / "docs" / "security.md"
DATA: Path = ROOT / "docs" / "advisories.yaml"
_BEGIN, _END = "<!-- advisories: made by `make docs` -->\n", "<!-- end of advisories -->"
Verdict = Literal["fixed", "gone", "absent", "part", "live", "unread"]
MEANINGS: Final[dict[Verdict, str]] = {
    "live": "the fault is in the installed code",
    "part": "the fix in the installed code covers a part",
    "fixed": "the installed code holds the fix",
    "gone": "what had the fault has gone from the file",
    "absent": "the component is not installed",
    "unread": "published, and not read yet",
}
"""What each verdict says, the worst first."""


class Advisory(BaseModel):
    """One advisory against the installed code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    also: list[str] = []
    fixed_in: str = ""
    what: str
    where: str
    verdict: Verdict
    holds: str = ""
    lacks: str = ""
    ours: str = ""


class Advisories(BaseModel):
    """All of them, with the tree that they were compared with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    looked_up: str
    packages: dict[str, str]
    files: dict[str, str]
    advisories: list[Advisory]


@cache
def load() -> Advisories:
    """The data file."""
    return Advisories.model_validate(yaml.safe_load(DATA.read_text(encoding="utf-8")))


def page() -> str:
    """The page as it stands, with the table of today."""
    before, _, rest = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    advisories = load().advisories
    counts = Counter(advisory.verdict for advisory in advisories)
    lines = [
        "| verdict | means | advisories |",
        "| --- | --- | --- |",
        *(f"| {verdict} | {means} | {counts[verdict]} |" for verdict, means in MEANINGS.items()),
        "",
        "| advisory | what | where | verdict | what of ours closes or bounds it |",
        "| --- | --- | --- | --- | --- |",
    ]
    for verdict in MEANINGS:
        lines += [_row(advisory) for advisory in advisories if advisory.verdict == verdict]
    return before + _BEGIN + "\n" + "\n".join(lines) + "\n\n" + _END + after


def _row(advisory: Advisory) -> str:
    names = ", ".join([advisory.id, *advisory.also])
    what = f"{advisory.what} (called fixed in {advisory.fixed_in})" if advisory.fixed_in else advisory.what
    where = advisory.where.replace("flowise-components/dist/", "components: ").replace("flowise/dist/", "server: ")
    return f"| {names} | {what} | {where} | {advisory.verdict} | {advisory.ours or 'nothing'} |"

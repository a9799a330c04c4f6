"""docs/decisions/README.md: the table is made from the first line of each decision."""

import re
from typing import Final

from analysis.stackfiles import ROOT

PATH: Final = ROOT / "docs" / "decisions" / "README.md"
_TITLE: Final = re.compile(r"# (\d+)\. (.+)")
_BEGIN: Final = "| no. | decision |\n| --- | --- |\n"


def page() -> str:
    """The page with one row for each file of the folder. Raises `ValueError` for one that cannot be listed."""
    before, _, _ = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    return before + _BEGIN + "".join(rows({p.name: p.read_text(encoding="utf-8") for p in PATH.parent.glob("0*.md")}))


def rows(decisions: dict[str, str]) -> list[str]:
    """Rows of the table, from the text of each decision by the name of its file."""
    listed: dict[int, str] = {}
    for name, text in sorted(decisions.items()):
        title, number = _TITLE.fullmatch(text.partition("\n")[0]), int(name[:4])
        if not title or int(title[1]) != number:
            raise ValueError(f"docs/decisions/{name}: begin it with `# {number}. ` and what was decided, in one line")
        if number in listed:
            raise ValueError(f"docs/decisions/{name}: number {number} is taken; rename it to the next free one")
        listed[number] = f"| [{number}]({name}) | {title[2]} |\n"
    return list(listed.values())

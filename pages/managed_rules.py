"""The table of AWS's managed rules in docs/edge.md, between its two marks."""

from pathlib import Path

from analysis.stackfiles import ROOT
from components.edge.managed_rules import DECISIONS

PATH: Path = ROOT / "docs" / "edge.md"
_BEGIN, _END = "<!-- managed rules: made by `make docs` -->\n", "<!-- end of managed rules -->"


def page() -> str:
    """The page as it stands, with the table of today."""
    before, _, rest = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = [
        f"| `{rule.name}` | {rule.looks_at} | {'counts' if rule.counted else 'blocks'} | {rule.why} |"
        for rule in DECISIONS
    ]
    lines = ["| rule | looks at | decision | why |", "| --- | --- | --- | --- |", *rows]
    return before + _BEGIN + "\n" + "\n".join(lines) + "\n\n" + _END + after

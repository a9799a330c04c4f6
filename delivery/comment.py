"""`make comment`, `make issue`: all reports as one text. Needs Python alone: a job that may write installs nothing."""

import re
import sys
from pathlib import Path

REPORTS = Path(".reports")
_LONGEST = 60_000
"""GitHub takes 65,536 characters."""
_TITLES = {
    "preview.txt": "what Pulumi would change",
    "plan.diff": "offline plan: resources, policy findings",
    "drift.txt": "what differs on AWS",
    "policy.txt": "policy findings",
    "cost.txt": "what it costs a month",
}


def compose(reports: Path = REPORTS) -> str:
    """Every report, folded, the most important first; a long one is cut and says so."""
    files = sorted((path for path in reports.glob("*.*") if path.suffix in {".txt", ".diff"}), key=lambda p: p.name)
    if not files:
        return "No report was written; the run's log says why.\n"
    share = _LONGEST // len(files)
    return "\n".join(_section(path, share) for path in files)


def _section(path: Path, longest: int) -> str:
    stack, _, kind = path.name.partition("-")
    title = f"{stack}: {_TITLES[kind]}" if kind in _TITLES else path.stem
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(text) > longest:
        text = text[:longest].rpartition("\n")[0] + "\n... cut; the artifact of the run has the rest"
    # A report cannot end its own fence, nor write Markdown or mention anybody.
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=2) + 1)
    language = "diff" if path.suffix == ".diff" else "text"
    return f"<details><summary>{title}</summary>\n\n{fence:`<3}{language}\n{text}\n{fence:`<3}\n\n</details>\n"


if __name__ == "__main__":
    sys.stdout.write(compose())

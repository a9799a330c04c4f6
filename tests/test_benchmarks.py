"""docs/benchmarks.md and the parts of `python -m bench` are the same list."""

import re
from typing import Final

from typer.testing import CliRunner

from analysis.stackfiles import ROOT
from bench.__main__ import PARTS, app

PAGE: Final = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
SECTIONS: Final = {
    title: body for title, _, body in (each.partition("\n") for each in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:])
}


def test_every_section_says_which_part_takes_it_again_and_every_part_has_one() -> None:
    parts = {title: re.findall(r"`python -m bench (\w+)`", body) for title, body in SECTIONS.items()}
    assert list(parts.values()) == [[part] for part in PARTS]


def test_every_section_has_figures() -> None:
    assert [title for title, body in SECTIONS.items() if not re.search(r"^\| --- ", body, re.MULTILINE)] == []


def test_the_list_at_the_top_leads_to_each_section() -> None:
    led = re.findall(r"^\| \[`(\w+)`\]\(#([\w-]+)\)", PAGE, re.MULTILINE)
    assert led == [(part, title.lower().replace(" ", "-")) for part, title in zip(PARTS, SECTIONS, strict=True)]


def test_headings_are_of_one_page_with_sections_and_tables() -> None:
    levels = [
        len(found) for found in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL), re.MULTILINE)
    ]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert max(levels) == 3


def test_a_part_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    result = CliRunner().invoke(app, ["plam"], env={"COLUMNS": "160"})
    assert result.exit_code == 2
    assert f"plam: choose from {', '.join(PARTS)}" in result.stderr

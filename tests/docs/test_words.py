"""Pages for readers use the field's words: a list of words stays out of every page that is free of them.

`REMAINING` names the pages that are not, with their number of such words at most: it may only shrink. Most of these
pages are made from docstrings of the code, which change first.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTEAD = {
    r"\bestates?\b": "environment, or stack",
    r"\bways? in\b(?! its)": "entry point",
    r"\bmade anew\b|\bstarts? anew\b": "recreated, restarted",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bhears? of\b": "is notified of",
    r"\bjudg(e|es|ed|ing)\b": "evaluate",
    r"\bstrangers?\b": "unauthenticated client",
    r"\bholes?\b": "vulnerability",
    r"\bfor ever\b": "indefinitely",
    r"\bdearest\b": "most expensive",
    r"\blook(s|ing)? for drift\b": "detect drift",
    r"\border of life\b|\bcomes? to life\b": "creation order",
}
"""Words that a reader would have to ask about, and what to write instead."""
_WORDS = {re.compile(pattern, re.IGNORECASE): instead for pattern, instead in INSTEAD.items()}
_CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)
"""Code and the targets of links: names there are not for this list."""
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *ROOT.glob("docs/**/*.md"))
    if "pt" not in path.relative_to(ROOT).parts
)
REMAINING: dict[str, int] = {
    "docs/benchmarks.md": 9,
    "docs/changes.md": 3,
    "docs/policies.md": 29,
    "docs/security.md": 17,
}


def found(text: str) -> list[str]:
    """Words of the list in a text, each with what to write instead."""
    prose = _CODE.sub(" ", text)
    return [f"{match.group(0)}: {instead}" for word, instead in _WORDS.items() for match in word.finditer(prose)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_uses_the_words_of_the_field(page: str) -> None:
    words = found((ROOT / page).read_text(encoding="utf-8"))
    assert len(words) <= REMAINING.get(page, 0), words


def test_every_page_that_remains_exists() -> None:
    assert REMAINING.keys() <= set(PAGES)
    assert all(REMAINING.values())


def test_the_list_finds_words_in_prose_and_leaves_names_alone() -> None:
    assert found("The estate is made anew.") == ["estate: environment, or stack", "made anew: recreated, restarted"]
    assert found("`estate.up()` and [a page](local.md#the-estate)") == []

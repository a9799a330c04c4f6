"""Pages, code and messages use the field's words: a list of words stays out of all of them."""

import re
import subprocess
from pathlib import Path

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
    r"\bplain mode\b": "main mode",
    r"\border of life\b|\bcomes? to life\b": "creation order",
}
"""Words that a reader would have to ask about, and what to write instead."""
_WORDS = {re.compile(pattern, re.IGNORECASE): instead for pattern, instead in INSTEAD.items()}
_ANY = re.compile("|".join(INSTEAD))
"""Whether a text in small letters has a word of the list, in one pass."""
_CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)
"""Code and the targets of links: names there are not for this list."""
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *ROOT.glob("docs/**/*.md"))
    if "pt" not in path.relative_to(ROOT).parts
)
ALLOWED = {
    ("tests/docs/test_words.py", ""),  # this list
    ("local/observe/collector/", "processors and exporters"),  # with another text the Collector would be built again
    ("tests/e2e/test_browser.py", 'picture("'),  # the name of a picture
    ("docs/advisories.yaml", ""),  # names of advisories are not ours
    ("docs/dependency-advisories.yaml", ""),
}
"""Files, and what a line of theirs holds, that keep such a word."""


def found(text: str) -> list[str]:
    """Words of the list in a text, each with what to write instead."""
    if not _ANY.search(text.lower()):
        return []
    return [f"{match.group(0)}: {instead}" for word, instead in _WORDS.items() for match in word.finditer(text)]


def prose(text: str) -> str:
    """A page without its code."""
    return _CODE.sub(" ", text)


def test_a_page_uses_the_words_of_the_field() -> None:
    words = {page: said for page in PAGES if (said := found(prose((ROOT / page).read_text(encoding="utf-8"))))}
    assert not words, str(words)


def test_code_and_its_messages_use_the_words_of_the_field() -> None:
    kinds = ("*.py", "*.cjs", "*.sh", "*.yaml", "*.yml", "*.go", "*.toml", "Makefile")
    names = subprocess.run(["git", "ls-files", *kinds], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = {
        (name, line.strip()): words
        for name in names.splitlines()
        if found(text := (ROOT / name).read_text(encoding="utf-8"))
        for line in text.splitlines()
        if (words := found(line)) and not any(name.startswith(file) and part in line for file, part in ALLOWED)
    }
    assert words == {}


def test_the_list_finds_words_in_prose_and_leaves_names_in_pages_alone() -> None:
    assert found("The estate is made anew.") == ["estate: environment, or stack", "made anew: recreated, restarted"]
    assert found(prose("`estate.up()` and [a page](local.md#the-estate)")) == []

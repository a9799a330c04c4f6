"""No page of the repository leads nowhere, on a Git host or on the site."""

import re
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT
from pages.site import markdown_pages as pages

_MENTION = re.compile(r"\bdocs/[\w/-]+\.(?:md|png|json)\b")
_IN_A_LIST = re.compile(r"(?:[-*]|\d+\.) ")


def dead(name: str, text: str) -> list[str]:
    """Links of a page to what is not there."""
    there = pages.tracked() | pages.folders() | {name}
    found: list[str] = []
    for link in pages.links(name, text):
        target = text if link.path == name else _text_of(link.path)
        leads = link.path in there and (not link.anchor or link.anchor in pages.anchors(target))
        if not leads:
            found.append(link.written)
    return found


def _text_of(path: str) -> str:
    return pages.read(path) if path in pages.pages() else ""


def test_every_link_and_anchor_leads_somewhere() -> None:
    leads_nowhere = {name: found for name in pages.pages() if (found := dead(name, pages.read(name)))}
    assert not leads_nowhere, str(leads_nowhere)


@pytest.mark.parametrize(
    ("link", "is_dead"),
    [
        ("[x](settings.md)", False),
        ("[x](settings.md#stack)", False),
        ("[x](settings.md#no-such-heading)", True),
        ("[x](no-such-page.md)", True),
        ("[x](../README.md#two-commands)", False),
        ("[x](../components)", False),
        ("[x](../components/)", False),
        ("[x](../components/no-such-file.py)", True),
        ("[x](../../outside.md)", True),
        ("[x](/docs/settings.md)", False),
        ("![x](pictures/no-such-picture.png)", True),
        ("[x](#here)", False),
        ("[x](#there)", True),
        ("[x][y]\n\n[y]: no-such-page.md", True),
        ("`[x](no-such-page.md)`", False),
        ("[x](https://example.com/no-such-page.md)", False),
    ],
)
def test_dead_links_are_told_from_others(link: str, is_dead: bool) -> None:
    assert bool(dead("docs/page.md", f"# Here\n\n{link}\n")) == is_dead


def test_anchors_are_those_of_a_git_host() -> None:
    headings = "# A `b_c`: d · e\n\n## Twice\n\n## Twice\n\n```\n# not a heading\n```\n\n## Começo rápido\n"
    assert pages.anchors(headings) == {"a-b_c-d--e", "twice", "twice-1", "começo-rápido"}


def test_files_that_messages_and_comments_name_are_there() -> None:
    """An error or an alarm that names a page is read by somebody in trouble."""
    mentions = {
        (name, mention)
        for name in pages.tracked()
        if Path(name).suffix in {".py", ".yaml", ".cjs", ".md"} and not name.startswith("tests/")
        for mention in _MENTION.findall(pages.read(name))
    }
    assert len(mentions) > 20
    assert {(name, mention) for name, mention in mentions if mention not in pages.tracked()} == set()


def test_paths_in_the_text_of_pages_are_there() -> None:
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name in pages.folders()}
    missing = [
        (name, span)
        for name in pages.pages()
        for span in pages.spans(pages.read(name))
        if re.fullmatch(r"[\w./*-]+", span) and "/" in span and span.split("/")[0] in tops
        if not any(ROOT.glob(span))
    ]
    assert missing == []


def test_lists_read_the_same_on_a_git_host_and_on_the_site() -> None:
    """The site wants a blank line before a list, and four spaces before what belongs to an item of it."""
    wrong = [line for name in pages.pages() for line in read_differently(name)]
    assert not wrong, "\n".join(wrong)


def read_differently(name: str) -> list[str]:
    """Lines of a page whose list is another one on the site."""
    wrong: list[str] = []
    before, fenced = "", False
    for number, line in enumerate(pages.read(name).splitlines(), start=1):
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        begins_a_block = not before.strip() or text.startswith("```")
        if not fenced and text and indent in {1, 2, 3} and (begins_a_block or _IN_A_LIST.match(text)):
            wrong.append(f"{name}:{number}: indent it by four spaces")
        if not fenced and _IN_A_LIST.match(line) and before.strip() and not _is_of_a_list(before):
            wrong.append(f"{name}:{number}: a blank line belongs before a list")
        fenced ^= text.startswith("```")
        before = line
    return wrong


def _is_of_a_list(line: str) -> bool:
    return bool(_IN_A_LIST.match(line.lstrip(" "))) or line.startswith(" ")

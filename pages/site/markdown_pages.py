"""A page as a Git host reads it (CommonMark with tables): its links, its anchors, its commands."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from analysis.stackfiles import ROOT

_READER: Final = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link or a picture of a page, to something in this repository."""

    written: str
    """As it is written, such as `../image/README.md#keys`."""
    path: str
    """What it leads to, from the top of the repository; the page itself for `#keys`."""
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block."""

    info: str
    """What stands behind the fence, such as `console`."""
    text: str
    line: int
    """Its first line in the page, counted from 1."""


@cache
def tracked() -> frozenset[str]:
    """Files that Git keeps or would keep, from the top of the repository."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return frozenset(name for name in listed.split("\0") if name and (ROOT / name).exists())


@cache
def folders() -> frozenset[str]:
    """Folders of these files."""
    return frozenset(str(parent) for name in tracked() for parent in Path(name).parents if str(parent) != ".")


def pages() -> list[str]:
    """Every Markdown page of the repository."""
    return sorted(name for name in tracked() if name.endswith(".md"))


def read(name: str) -> str:
    """Text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def links(name: str, text: str) -> list[Link]:
    """Links of a page to files and folders of the repository, or to a place in a page."""
    found: list[Link] = []
    for written in _parsed(text).targets:
        parts = urlsplit(written)
        if parts.scheme or parts.netloc:
            continue
        path = _resolve(name, unquote(parts.path)) if parts.path else name
        found.append(Link(written=written, path=path, anchor=unquote(parts.fragment)))
    return found


def anchors(text: str) -> frozenset[str]:
    """Anchors that a Git host makes of a page's headings."""
    return _parsed(text).anchors


def slug(heading: str) -> str:
    """Anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def blocks(text: str) -> list[Block]:
    """Fenced blocks of a page."""
    return list(_parsed(text).blocks)


def spans(text: str) -> list[str]:
    """What stands in backquotes."""
    return list(_parsed(text).spans)


@dataclass(frozen=True, kw_only=True)
class _Parsed:
    """All that is asked of a page; its tokens would take far more memory."""

    targets: tuple[str, ...]
    """Of links and pictures, as they are written."""
    spans: tuple[str, ...]
    blocks: tuple[Block, ...]
    anchors: frozenset[str]


@cache
def _parsed(text: str) -> _Parsed:
    """Read a page once, whatever is asked of it and how often."""
    tokens = _READER.parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    leads = {"link_open": "href", "image": "src"}
    return _Parsed(
        targets=tuple(str(token.attrGet(leads[token.type]) or "") for token in inline if token.type in leads),
        spans=tuple(token.content for token in inline if token.type == "code_inline"),
        blocks=tuple(
            Block(info=token.info.strip(), text=token.content, line=(token.map or [0])[0] + 1)
            for token in tokens
            if token.type == "fence"
        ),
        anchors=_anchors(tokens),
    )


def _anchors(tokens: Iterable[Token]) -> frozenset[str]:
    found: set[str] = set()
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            base = slug("".join(child.content for child in token.children or ()))
            again = (f"{base}-{number}" for number in range(1, len(found) + 1))
            found.add(base if base not in found else next(name for name in again if name not in found))
    return frozenset(found)


def _resolve(name: str, path: str) -> str:
    """A relative path of a page, from the top of the repository; `..` at the front when it leaves it."""
    place = [] if path.startswith("/") else list(Path(name).parent.parts)
    for part in Path(path).parts:
        if part == ".." and place and place[-1] != "..":
            place.pop()
        elif part != "/":
            place.append(part)
    return "/".join(place) or "."

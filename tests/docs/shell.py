"""Commands that a page shows, taken apart as a shell would as far as a page needs it."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from pages.site.markdown_pages import Block, blocks

SHELLS: Final = {"console", "sh"}
"""Blocks that hold commands: with `$ ` before each and what it answers (console), or nothing but commands (sh)."""
GIVEN: Final = "$GIVEN"
"""What stands for the output of another command."""
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_KEYWORDS: Final = {"do", "done", "then", "else", "fi", "export", "time"}


@dataclass(frozen=True, kw_only=True)
class Command:
    """One program with its arguments."""

    page: str
    line: int
    """Where it begins in the page, counted from 1."""
    words: tuple[str, ...]
    """The program and its arguments, without redirections."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {shlex.join(self.words)}"


@cache
def commands(page: str, text: str) -> tuple[Command, ...]:
    """Every command in the blocks of a page."""
    return tuple(
        command
        for block in blocks(text)
        if block.info.split(" ")[0] in SHELLS
        for line, typed in _typed(block)
        for command in parse(page, line, typed)
    )


def parse(page: str, line: int, typed: str) -> Iterator[Command]:
    """Programs that a line starts, those in `$(...)` included. Raises `ValueError` for what no shell would take."""
    rest = typed
    while "$(" in rest:
        begin = rest.index("$(")
        end = _closing(rest, begin + 2)
        yield from parse(page, line, rest[begin + 2 : end])
        rest = f"{rest[:begin]}{GIVEN}{rest[end + 1 :]}"
    lexer = shlex.shlex(rest.replace("\n", " ; "), posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word and set(word) <= set("|&;"):
            if plain := _program(words):
                yield Command(page=page, line=line, words=plain)
            words = []
        else:
            words.append(word)


def _closing(text: str, begin: int) -> int:
    """Where the bracket closes that was opened before `begin`."""
    depth = 1
    for place in range(begin, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return place
    raise ValueError("No closing bracket")


def _program(words: list[str]) -> tuple[str, ...]:
    """A program with its arguments, without what stands before it and where its output goes."""
    while words and (words[0] in _KEYWORDS or _ASSIGNMENT.fullmatch(words[0])):
        words = words[1:]
    if words[:1] == ["for"]:
        return ()
    where = next((number for number, word in enumerate(words) if word in {">", ">>", "<"}), len(words))
    return (*words[:where], *words[where + 2 :])


def _typed(block: Block) -> Iterator[tuple[int, str]]:
    """Lines that are typed, with what continues them."""
    typed, began = "", 0
    for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
        text = line
        if block.info == "console" and not typed.endswith("\\"):
            if line.startswith("$ "):
                text = line[2:]
            elif line.startswith("> "):
                typed, text = f"{typed}\n", line[2:]
            else:
                continue
        continues = typed.endswith(("\\", "\n"))
        if typed and not continues:
            yield began, typed
        typed, began = (typed.rstrip("\\") + text, began) if continues else (text, number)
    if typed:
        yield began, typed

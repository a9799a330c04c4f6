"""Every block of settings that a page shows, and the stacks that it makes in the order in which a reader applies it.

`blocks()` finds them in the order of the site's navigation, `applied()` yields one stack for each block: the file of
this repository, what the page says in words, then the kept blocks up to this one. What is special about a block stands
above it in the page, in a comment that readers do not see, such as `<!-- settings: {kept: true} -->` (see `Special`).
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.program import BOOTSTRAP
from analysis.stackfiles import ROOT, StackConfig, override, read_stack

DOCS = ROOT / "docs"
EXCEPTIONS = "flowise:policy_exceptions"
STACKS = ("dev", "prod")
"""Stack files that a block is put into, where it does not say which."""
_COMMENT = "<!-- settings:"
_FENCE = re.compile(
    rf"(?:^ *{_COMMENT}(?P<special>(?:(?!-->).)*)-->\n)?^(?P<indent> *)```ya?ml\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_KEY = re.compile(r"^ *(flowise:\w+|aws:region):", re.MULTILINE)


class Special(BaseModel):
    """What is not as with most blocks, in the words of the comment above one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    stacks: list[Literal["dev", "prod"]] = ["dev", "prod"]
    """Stack files that it is for."""
    kept: bool = False
    """Later blocks build on it."""
    alone: bool = False
    """It takes the place of what other blocks need: another entry point, another region, a restore."""
    also: dict[str, Any] = {}
    """What the page asks for in words beside the block: keys such as `cluster.public_access_cidrs`; null removes."""
    joined: dict[str, Any] = {}
    """Values for who has this block and another one that sets the same list."""
    without: list[str] = []
    """Rules whose exceptions the page tells a reader to remove."""
    secrets: list[str] = []
    """Keys that `pulumi config set --secret` fills."""
    stack: str = ""
    """Name of the stack that the page makes, where it is another one."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of a stack file on a page."""

    page: str
    """Path below `docs/`."""
    number: int
    """Counts from 1 on each page."""
    line: int
    settings: Mapping[str, Any]
    """`namespace:key` to value, as the stack file has them."""
    special: Special = field(default_factory=Special)

    @property
    def place(self) -> str:
        """Where a person finds it."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A stack after one more step."""

    stack: str
    """Name of the file in this repository that it began with."""
    block: Block
    config: StackConfig

    @property
    def id(self) -> str:
        """Name of a test."""
        return f"{self.stack}-{self.block.page}-{self.block.number}"


_ACCOUNT_KEY = re.compile(r"^ *flowise-bootstrap:\w+:", re.MULTILINE)


def account_blocks() -> tuple[Block, ...]:
    """Every block of YAML with a key of bootstrap's account file."""
    return blocks(_ACCOUNT_KEY)


def account_with(block: Block) -> StackConfig:
    """The account file of this repository with a block."""
    return with_block(read_stack("account", BOOTSTRAP), block)


def pages() -> list[str]:
    """Every page, in the order of the site's navigation."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    patterns = re.findall(r"\S+\.md$", navigation, re.MULTILINE)
    return [path.relative_to(DOCS).as_posix() for pattern in patterns for path in sorted(DOCS.glob(pattern))]


@cache
def blocks(key: re.Pattern[str] = _KEY) -> tuple[Block, ...]:
    """Every block of YAML with a key of a stack file, page by page."""
    texts = {page: (DOCS / page).read_text(encoding="utf-8") for page in pages()}
    return tuple(block for page, text in texts.items() for block in blocks_of(page, text, key))


def blocks_of(page: str, text: str, key: re.Pattern[str] = _KEY) -> Iterator[Block]:
    """Those of one page. Raises `ValueError` for a comment that is not understood, or that stands above no block."""
    fences = list(_FENCE.finditer(text))
    written = re.findall(f"(?<!`){_COMMENT}", text)  # and not quoted as code
    if len(written) != len([fence for fence in fences if fence["special"] and _KEY.search(fence["text"])]):
        raise ValueError(f"{page}: a comment `{_COMMENT} ... -->` is not right above a block of settings")
    for number, fence in enumerate((fence for fence in fences if key.search(fence["text"])), start=1):
        line = text.count("\n", 0, fence.start("indent")) + 1
        try:
            special = Special.model_validate(yaml.safe_load(fence["special"] or "{}"))
        except (ValidationError, yaml.YAMLError) as error:
            words = ", ".join(Special.model_fields)
            raise ValueError(f"{page}:{line}: the comment above this block takes {words}: {error}") from error
        settings = cast("dict[str, Any]", yaml.safe_load(textwrap.dedent(fence["text"])))
        yield Block(page=page, number=number, line=line, settings=settings, special=special)


def applied() -> Iterator[Applied]:
    """Every stack that a reader has after a block."""
    for stack in STACKS:
        config = read_stack(stack)
        for block in _blocks_for(stack):
            changed = _as_the_page_says(with_block(config, block), block.special)
            yield Applied(stack=stack, block=block, config=changed)
            config = changed if block.special.kept else config


def together(stack: str) -> StackConfig:
    """A stack with all blocks at once that do not stand alone."""
    config = read_stack(stack)
    joined: dict[str, Any] = {}
    for block in _blocks_for(stack):
        if not block.special.alone:
            config = _as_the_page_says(with_block(config, block), block.special)
            joined |= block.special.joined
    return override(config, [f"{path}={json.dumps(value)}" for path, value in joined.items()])


def standing_alone() -> Iterator[Applied]:
    """Every stack that a reader has after a block that stands alone."""
    return (step for step in applied() if step.block.special.alone)


def _blocks_for(stack: str) -> list[Block]:
    return [block for block in blocks() if stack in block.special.stacks]


def with_block(config: StackConfig, block: Block) -> StackConfig:
    """A reader who finds the section in the file adds to it; an exception is one more in the list."""
    values = dict(config.values)
    for key, value in block.settings.items():
        merged = _merged(_parsed(values.get(key)), value, lists=key == EXCEPTIONS)
        values[key] = merged if isinstance(merged, str) else json.dumps(merged, default=str)
    return replace(config, values=values)


def _as_the_page_says(config: StackConfig, special: Special) -> StackConfig:
    remaining: list[dict[str, Any]] = _parsed(config.values.get(EXCEPTIONS)) or []
    remaining = [entry for entry in remaining if entry["rule"] not in special.without]
    config = replace(config, values={**config.values, EXCEPTIONS: json.dumps(remaining)})
    config = override(config, [f"{path}={json.dumps(value)}" for path, value in special.also.items()])
    hidden = {f"flowise:{name}": f"value of {name}" for name in special.secrets}
    secret_keys = tuple(dict.fromkeys((*config.secret_keys, *hidden)))
    return replace(
        config,
        stack=special.stack or config.stack,
        values={**config.values, **hidden},
        secret_keys=secret_keys,
    )


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text) if text is not None else None
    except json.JSONDecodeError:
        return text


def _merged(old: Any, new: Any, *, lists: bool) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        return before | {key: _merged(before.get(key), value, lists=lists) for key, value in after.items()}
    if lists and isinstance(old, list):
        entries = cast("list[dict[str, Any]]", old)
        same = [(entry["rule"], entry["resource"]) for entry in new]
        return [*(entry for entry in entries if (entry["rule"], entry["resource"]) not in same), *new]
    return new

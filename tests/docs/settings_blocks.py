"""Every block of settings that a page shows, and the stacks that it makes in the order in which a reader applies it.

`blocks()` finds them, `applied()` yields one stack for each block: the file of this repository, what the page says in
words, then all blocks up to this one.
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, cast

import yaml

from analysis.program import BOOTSTRAP
from analysis.stackfiles import ROOT, StackConfig, override, read_stack

DOCS = ROOT / "docs"
EXCEPTIONS = "flowise:policy_exceptions"
_FENCE = re.compile(r"^(?P<indent> *)```ya?ml\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^ *(flowise:\w+|aws:region):", re.MULTILINE)


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

    @property
    def place(self) -> str:
        """Where a person finds it."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A block that a reader puts into a stack file."""

    page: str
    number: int = 1
    words: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the page asks for in words beside the block: keys such as `cluster.public_access_cidrs`; None removes."""
    without: tuple[str, ...] = ()
    """Rules whose exceptions the page tells a reader to remove."""
    secrets: tuple[str, ...] = ()
    """Keys that `pulumi config set --secret` fills."""
    alternative: bool = False
    """Later blocks do not build on this one."""
    alone: bool = False
    """It takes the place of what other blocks need: another entry point, another region, a restore."""
    stack: str = ""
    """Name of the stack that the page makes, where it is another one."""


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


FIRST = "first-deployment.md"
LATER = (
    Step(page="runner.md", alternative=True),
    Step(page="domain.md", words={"domain.hosted_zone_id": None}, alternative=True),
    Step(page="edge.md", number=1, alternative=True),
    Step(page="edge.md", number=2, alternative=True),
    Step(page="functions.md", alternative=True),
    Step(page="security.md", alternative=True),
    Step(page="models.md", number=1),
    Step(page="models.md", number=2),
    Step(page="retrieval.md"),
    Step(page="dns-firewall.md", number=1, alternative=True),
    Step(page="dns-firewall.md", number=2, alternative=True),
    Step(page="outbound.md", number=1, alternative=True),
    Step(page="outbound.md", number=2, secrets=("proxy_password",), alternative=True),
    Step(page="day-two.md", alternative=True),
    Step(page="faq.md", alternative=True),
)
"""Pages that are for every stack."""
JOURNEYS: Mapping[str, tuple[Step, ...]] = {
    "dev": (
        Step(page=FIRST, number=1),
        Step(page=FIRST, number=2),
        *LATER,
        Step(page="policies.md", words={"cluster.public_access_cidrs": ["203.0.113.0/24"]}, alternative=True),
        Step(page="fork.md", alternative=True, alone=True),
    ),
    "prod": (
        Step(page=FIRST, number=1),
        Step(page=FIRST, number=3, secrets=("otlp_authorization",), alternative=True),
        *LATER,
        Step(page="observability.md", secrets=("datadog_api_key",), alternative=True),
        Step(page="pt/index.md"),
        Step(
            page="deploy.md",
            words={"domain": None, "edge": None, "load_balancer": None},
            without=("cloudfront_logged",),
            alternative=True,
            alone=True,
        ),
        Step(
            page="deploy.md",
            number=2,
            words={"domain": None, "edge": None, "load_balancer": None},
            without=("cloudfront_logged",),
            alternative=True,
            alone=True,
        ),
        Step(page="internal.md", words={"edge": None}, without=("cloudfront_logged",), alternative=True, alone=True),
        Step(page="runbooks/database-gone.md", alternative=True, alone=True),
        Step(
            page="runbooks/region-lost.md",
            words={
                "aws:region": "us-west-2",
                "network.zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
                "recovery": None,
                "app.bedrock.regions": ["us-west-2"],
                "domain": None,
                "permissions_boundary_arn": None,
                "cluster.preview_role_arns": [],
            },
            stack="west-prod",
            alternative=True,
            alone=True,
        ),
    ),
}
"""For each stack file its blocks in the order in which somebody meets them who follows the pages."""


_JOINED: Mapping[str, Mapping[str, Any]] = {"prod": {"telemetry.traces.exporters": ["aws", "otlp", "datadog"]}}


_ACCOUNT_KEY = re.compile(r"^ *flowise-bootstrap:\w+:", re.MULTILINE)


def account_blocks() -> tuple[Block, ...]:
    """Every block of YAML with a key of bootstrap's account file."""
    return blocks(_ACCOUNT_KEY)


def account_with(block: Block) -> StackConfig:
    """The account file of this repository with a block."""
    return with_block(read_stack("account", BOOTSTRAP), block)


@cache
def blocks(key: re.Pattern[str] = _KEY) -> tuple[Block, ...]:
    """Every block of YAML with a key of a stack file, page by page."""
    found: list[Block] = []
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        texts = [m for m in _FENCE.finditer(text) if key.search(m["text"])]
        found += [
            Block(
                page=path.relative_to(DOCS).as_posix(),
                number=number,
                line=text.count("\n", 0, match.start()) + 1,
                settings=cast("dict[str, Any]", yaml.safe_load(textwrap.dedent(match["text"]))),
            )
            for number, match in enumerate(texts, start=1)
        ]
    return tuple(found)


def applied() -> Iterator[Applied]:
    """Every stack that a reader has after a block."""
    known = {(block.page, block.number): block for block in blocks()}
    for stack, steps in JOURNEYS.items():
        config = read_stack(stack)
        for step in steps:
            block = known[step.page, step.number]
            changed = _with_words(with_block(config, block), step)
            yield Applied(stack=stack, block=block, config=changed)
            config = config if step.alternative else changed


def together(stack: str) -> StackConfig:
    """A stack with all blocks at once that do not stand alone; who has two of them joins their lists."""
    known = {(block.page, block.number): block for block in blocks()}
    config = read_stack(stack)
    for step in JOURNEYS[stack]:
        if not step.alone:
            config = _with_words(with_block(config, known[step.page, step.number]), step)
    return override(config, [f"{path}={json.dumps(value)}" for path, value in _JOINED.get(stack, {}).items()])


def standing_alone() -> Iterator[Applied]:
    """Every stack that a reader has after a block that stands alone."""
    alone = {(step.page, step.number) for steps in JOURNEYS.values() for step in steps if step.alone}
    return (step for step in applied() if (step.block.page, step.block.number) in alone)


def with_block(config: StackConfig, block: Block) -> StackConfig:
    """A reader who finds the section in the file adds to it; an exception is one more in the list."""
    values = dict(config.values)
    for key, value in block.settings.items():
        merged = _merged(_parsed(values.get(key)), value, lists=key == EXCEPTIONS)
        values[key] = merged if isinstance(merged, str) else json.dumps(merged, default=str)
    return replace(config, values=values)


def _with_words(config: StackConfig, step: Step) -> StackConfig:
    remaining: list[dict[str, Any]] = _parsed(config.values.get(EXCEPTIONS)) or []
    remaining = [entry for entry in remaining if entry["rule"] not in step.without]
    config = replace(config, values={**config.values, EXCEPTIONS: json.dumps(remaining)})
    config = override(config, [f"{path}={json.dumps(value)}" for path, value in step.words.items()])
    hidden = {f"flowise:{name}": f"value of {name}" for name in step.secrets}
    secret_keys = tuple(dict.fromkeys((*config.secret_keys, *hidden)))
    return replace(
        config,
        stack=step.stack or config.stack,
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

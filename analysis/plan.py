"""`python -m local plan STACK`: what a stack would hold, in seconds, with no account and no Pulumi CLI."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, cast

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from analysis.cost.estimate import estimate
from analysis.cost.prices import PriceError
from analysis.cost.rules import is_unknown
from analysis.evaluation import evaluate_recording, show, today
from analysis.program import run_main
from analysis.recorder import Record, Recording, record
from analysis.remote import EXPANSIONS
from analysis.sections import SECTIONS
from analysis.stackfiles import StackConfig, StackFileError, read_stack
from analysis.synthetic import SyntheticProvider
from settings import SettingsError, StackSettings, parse_settings


def record_stack(config: StackConfig, *, preview: bool = False) -> Recording:
    """Record a stack's program with invented outputs; with `preview` they stay unknown."""
    return record(
        run_main,
        SyntheticProvider.of(config.values),
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name=config.stack,
        preview=preview,
        expansions=EXPANSIONS,
        threads=False,
    )


def plan(
    stack: Annotated[str, typer.Argument(help="Name of the stack: Pulumi.<stack>.yaml")],
    *,
    every: Annotated[bool, typer.Option("--all", help="Name every resource instead of counting them by type")] = False,
) -> None:
    """Show what a stack would hold: components, resources, and the settings that lead to them."""
    console = Console(emoji=False)  # flowise:x: is a key, not a picture
    try:
        config = read_stack(stack)
        settings = parse_settings(config.values, config.secret_keys, stack)
    except (StackFileError, SettingsError) as error:
        Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None
    recording = record_stack(config)
    console.print(render(recording, settings, config, every=every))
    show(console, "policy findings:", evaluate_recording(recording, config, today()))


def render(recording: Recording, settings: StackSettings, config: StackConfig, *, every: bool) -> Tree:
    """The plan as a tree."""
    resources = [r for r in recording.records if r.custom]
    mode = "queue mode" if settings.queue else "main mode"
    kept = sum(r.protect for r in resources)
    tree = Tree(
        f"[bold]{config.project} {config.stack}[/] in {settings.region}, {mode}: {len(resources)} resources, "
        f"{kept} of them protected. {_price(recording, settings, config)}. Nothing has been made."
    )
    by_class = {r.type.rsplit(":", 1)[1]: r for r in recording.records if r.type.startswith("flowise:")}
    for name, sections in SECTIONS.items():
        component = by_class.pop(name, None)
        if component:
            values = {section: getattr(settings, section) for section in sections}
            _add_component(tree, recording, component, values, every=every)
    for component in by_class.values():
        _add_component(tree, recording, component, {}, every=every)
    return tree


def _price(recording: Recording, settings: StackSettings, config: StackConfig) -> str:
    try:
        month = estimate(recording, stack=config.stack, region=settings.region).total()
    except PriceError:
        return f"`make cost STACK={config.stack}` says why it has no price"
    unpriced = sum(is_unknown(record) for record in recording.records if record.custom and not record.read)
    others = f" + {unpriced} without a price" if unpriced else ""
    return f"About {month:,.0f} USD a month{others} (`make cost STACK={config.stack}`)"


def _add_component(
    tree: Tree, recording: Recording, component: Record, sections: Mapping[str, object], *, every: bool
) -> None:
    count = sum(r.custom for r in descendants(recording, component))
    branch = tree.add(f"[bold cyan]{component.type.rsplit(':', 1)[1]}[/] {component.name}: {count} resources")
    for section, value in sections.items():
        if value is not None:
            branch.add(f"[dim]flowise:{section}[/] {escape(_shown(value))}")
    _add_resources(branch, recording, component, every=every)


def _add_resources(branch: Tree, recording: Recording, parent: Record, *, every: bool) -> None:
    children = recording.children(parent.urn)
    plain = [r for r in children if r.custom]
    if every:
        for resource in plain:
            branch.add(f"{short(resource.type)} [dim]{escape(resource.name)}[/]{' protected' * resource.protect}")
    else:
        for type_, count in sorted(Counter(short(r.type) for r in plain).items()):
            branch.add(type_ if count == 1 else f"{count} x {type_}")
    for remote in (r for r in children if not r.custom):
        inner = branch.add(f"[cyan]{remote.type.replace(':index', '').replace(':', '.')}[/] {remote.name}")
        _add_resources(inner, recording, remote, every=every)


def descendants(recording: Recording, component: Record) -> list[Record]:
    """All that a component holds, also through components inside it."""
    children = recording.children(component.urn)
    return children + [r for child in children if not child.custom for r in descendants(recording, child)]


def short(type_: str) -> str:
    """`aws:ec2/subnet:Subnet` as `aws.ec2.Subnet`."""
    package, module, name = type_.split(":")
    return ".".join(part for part in (package, module.split("/")[0].replace("index", ""), name) if part)


def _shown(value: object) -> str:
    """A setting as a stack file writes it; what it leaves at its default is in docs/settings.md."""
    match value:
        case BaseModel():
            set_here = [key for key in type(value).model_fields if key in value.model_fields_set]
            return ", ".join(f"{key}: {_shown(getattr(value, key))}" for key in set_here) or "defaults"
        case None | [] | {}:
            return "none"
        case list():
            return "[" + ", ".join(_shown(item) for item in cast("list[object]", value)) + "]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)

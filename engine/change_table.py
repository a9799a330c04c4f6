"""docs/changes.md: what each change of settings does to a running stack, as Pulumi's engine shows it in a preview."""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from analysis.changes import CHANGES, HOLDS_DATA, STACK, SettingChange, changed, configured, effects
from analysis.recorder import Recording
from analysis.stackfiles import ROOT
from engine.errors import EngineError
from engine.sandbox import find_project, sandbox
from engine.stack import EngineStack, Result
from engine.steps import Step

PAGE: Final = ROOT / "docs" / "changes.md"
_REPLACEMENT: Final = frozenset({"replace", "create-replacement", "delete-replaced"})
_PROTECTED: Final = re.compile(
    r'unable to (?:replace|delete) resource "([^"]+)"|resource "([^"]+)" cannot be deleted\s+because it is protected'
)
_COMPONENT: Final = re.compile(r"^(flowise|pulumi|awsx|eks):")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one preview shows; components, which are no objects of AWS or Kubernetes, are left out."""

    created: tuple[Step, ...]
    updated: tuple[Step, ...]
    replaced: tuple[Step, ...]
    deleted: tuple[Step, ...]
    refused: tuple[str, ...]
    """Logical names of the protected resources because of which Pulumi refuses the change."""

    @property
    def loses_data(self) -> bool:
        """Whether something that holds data is replaced or deleted, or would be if it were not protected."""
        return any(step.type in HOLDS_DATA for step in (*self.replaced, *self.deleted))


@contextmanager
def deployed(stack: str = STACK) -> Generator[EngineStack]:
    """Deploy a stack, as its file is, on providers of this machine. Raises `EngineError` when that fails."""
    with sandbox(moto=False) as box:
        engine = box.stack(find_project(stack))
        result = engine.up(policies=False)
        if not result.good:
            raise EngineError(f"{stack} cannot be deployed: {'; '.join(result.errors)}", hint="make engine")
        yield engine


def previewed(engine: EngineStack, change: SettingChange) -> Outcome:
    """Preview a change of a deployed stack. Raises `EngineError` when it fails for another reason than protection."""
    engine.configure(configured(change))
    return outcome(engine.preview(policies=False))


def outcome(result: Result) -> Outcome:
    """Sort what a preview shows."""
    refused = {
        (replaced or deleted).rsplit("::", 1)[-1]
        for message in result.errors
        for replaced, deleted in _PROTECTED.findall(message)
    }
    others = [message for message in result.errors if not _PROTECTED.search(message)]
    if not result.good and not refused:
        raise EngineError(f"the preview fails: {'; '.join(others)}", hint="make engine")
    steps = [step for step in result.changes if not _COMPONENT.match(step.type)]

    def of(*ops: str) -> tuple[Step, ...]:
        found = {step.urn: step for step in steps if step.op in ops}
        return tuple(found[urn] for urn in sorted(found))

    replaced = of(*_REPLACEMENT)
    urns = {step.urn for step in replaced}
    return Outcome(
        created=of("create"),
        updated=of("update"),
        replaced=replaced,
        deleted=tuple(step for step in of("delete") if step.urn not in urns),
        refused=tuple(sorted(refused)),
    )


def page(changes: Sequence[SettingChange] = CHANGES) -> str:
    """docs/changes.md, by one deployment and a preview of each change."""
    with deployed() as engine:
        rows = [row(change, previewed(engine, change)) for change in changes]
    return "\n".join([*_INTRODUCTION, *rows]) + "\n"


_INTRODUCTION: Final = (
    "# What a change of settings does to a running stack",
    "",
    "Written by `make changes`: Pulumi's engine deploys prod's stack file on providers of this machine, then previews",
    "one change at a time ([how](engine.md)). Named are the resources that hold data or keys, and the cluster; of the",
    "others only the number. *Changes* happen in place. `make engine-test` repeats every row that replaces or deletes",
    "such a resource, `make changes-check` all of them.",
    "",
    "Where Pulumi refuses a change because something is protected, its preview stops there: those rows name what holds",
    "data as the recorded program has it, and nothing else.",
    "",
    "What holds data is replaced or deleted by no row that is not explained in its last column, and there Pulumi",
    "refuses the change as long as `flowise:protected` is true; but for the database's passwords, which are asked for.",
    "",
    "| change | creates | changes | replaces | deletes | on a protected stack |",
    "| --- | --- | --- | --- | --- | --- |",
)


def row(change: SettingChange, found: Outcome) -> str:
    """A line of the table."""
    named = [f"`{assignment}`" for assignment in change.assignments]
    if change.secrets:
        named.append("five imported keys ([keys](keys.md))")
    if found.refused:
        cells = _recorded(change)
    else:
        cells = [_cell(steps) for steps in (found.created, found.updated, found.replaced, found.deleted)]
    verdict = "refused" if found.refused else "goes through"
    text = f"{verdict}. {_sentence(change.says)}" if change.says else verdict
    return f"| {', '.join(named)} | {' | '.join(cells)} | {text} |"


@cache
def _unchanged() -> Recording:
    return changed(SettingChange(assignments=()))


def _recorded(change: SettingChange) -> list[str]:
    """Cells of a change that Pulumi refuses: its preview stops somewhere, so they come from the recorded program."""
    found = effects(_unchanged(), changed(change))
    cells: list[str] = []
    for does in ("makes", "changes", "replaces", "deletes"):
        together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for effect in found:
            if effect.does == does:
                together.setdefault((effect.type.rsplit(":", 1)[1], effect.properties), []).append(effect.name)
        cells.append("; ".join(_words(kind, names, keys) for (kind, keys), names in together.items()) or "·")
    return cells


def _words(kind: str, names: Sequence[str], properties: Sequence[str]) -> str:
    return f"{kind} {', '.join(sorted(names))}" + (f" ({', '.join(properties)})" if properties else "")


def _cell(steps: Sequence[Step]) -> str:
    return "; ".join(_named(steps)) or "·"


def _named(steps: Sequence[Step]) -> Iterator[str]:
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    others = 0
    for step in steps:
        if step.type in HOLDS_DATA:
            kind = step.type.rsplit(":", 1)[1]
            properties = sorted({path.split(".")[0].split("[")[0] for path in step.replaced_by or step.changed})
            together.setdefault((kind, tuple(properties)), []).append(step.name)
        else:
            others += 1
    for (kind, properties), names in together.items():
        yield _words(kind, names, properties)
    if others:
        yield f"{others} {'other' if together else 'without data'}{'s' if others > 1 and together else ''}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."

"""The life of a stack under the real engine, and what it proves at each step."""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, final

from analysis.stackfiles import override
from components.common.catalogue import AWS
from engine.needs import created_too_early
from engine.sandbox import Sandbox
from engine.stack import EngineStack, Result
from engine.steps import Step, read_events
from engine.workspace import Project

_KEEPS = ("random:",)
"""Providers whose resources exist in the state alone."""
_PROTECTING = frozenset(type_ for type_, entry in AWS.items() if entry.protects)
_SHORTEST_SECRET = 8
_PLAINTEXT = "plaintext"
_OUTLIVING = frozenset(type_ for type_, entry in AWS.items() if entry.outlives)
_UNORDERED = ("observability.recipients", "cluster.admin_role_arns", "cluster.preview_role_arns")
"""Settings whose order means nothing, and whose entries are resources."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One claim, and whether it holds."""

    claim: str
    holds: bool
    detail: str
    """What was counted, or what is wrong."""
    seconds: float


def life_cycle(
    box: Sandbox, project: Project, secrets: Sequence[str] = (), *, policies: bool = True
) -> Iterator[Proof]:
    """Take a stack from an empty backend to nothing. `secrets` are values that its configuration holds encrypted.

    Without `policies` the pack is not asked: a stack with every section on breaks rules that it would have to except.
    """
    life = _Life(box, box.stack(project), secrets)
    with_pack = ", with the policy pack" if policies else ""
    preview = life.run(lambda: life.stack.preview(policies=policies))
    yield life.proof(f"the first preview passes{with_pack}", failure(preview), _counted(preview))
    up = life.run(lambda: life.stack.up(policies=policies))
    yield life.proof(f"the first update passes{with_pack}", failure(up), _counted(up))
    if not (preview.good and up.good):
        return
    yield life.proof("the update does what the preview showed", _same_steps(preview, up))
    for claim, run in (
        ("a second update changes nothing", lambda: life.stack.up(policies=policies)),
        ("a refresh finds nothing changed", life.stack.refresh),
        # The second update has asked the pack about the same values.
        ("a preview after it changes nothing", lambda: life.stack.preview(policies=False)),
    ):
        yield life.unchanged(claim, run)
    yield from life.reordered()
    yield life.proof("everything is created after what it names", created_too_early(life.stack.resources()))
    yield life.proof("no secret is in clear in state, output or event log", life.leaks())
    if any(resource.get("protect") for resource in life.stack.resources().values()):
        yield life.refused()
        yield life.unprotected()
    yield from life.destroyed()


@final
class _Life:
    def __init__(self, box: Sandbox, stack: EngineStack, secrets: Sequence[str]) -> None:
        self.box = box
        self.stack = stack
        self._secrets = secrets
        self._results: list[Result] = []
        self._since = time.monotonic()

    def proof(self, claim: str, wrong: Sequence[str], detail: str = "") -> Proof:
        """A claim that holds when nothing is wrong."""
        now = time.monotonic()
        took, self._since = now - self._since, now
        return Proof(claim=claim, holds=not wrong, detail="\n".join(wrong) or detail, seconds=took)

    def run(self, operation: Callable[[], Result]) -> Result:
        """Run the engine, and keep what it said."""
        self._results.append(result := operation())
        return result

    def unchanged(self, claim: str, operation: Callable[[], Result]) -> Proof:
        """A run that changes nothing."""
        result = self.run(operation)
        return self.proof(claim, [*failure(result), *(_line(step) for step in result.changes)], _counted(result))

    def reordered(self) -> Iterator[Proof]:
        """A preview with such lists turned round, where the stack has one with several entries."""
        project = self.stack.project
        turned = {path: found[::-1] for path in _UNORDERED if len(found := _list(project, path)) > 1}
        if turned:
            self.stack.configure(with_settings(project, turned).config)
            yield self.unchanged("the order of a list changes nothing", lambda: self.stack.preview(policies=False))
            self.stack.configure(project.config)

    def leaks(self) -> list[str]:
        """Where a secret is in clear or in base64: in the state, in what a person saw, or in an event log."""
        texts = {"state": json.dumps(self.stack.export())}
        texts |= {f"output of {r.operation}": r.output for r in self._results}
        texts |= {f"event log of {r.operation}": r.event_log.read_text("utf-8") for r in self._results}
        texts |= {f"debug messages of {r.operation}": "\n".join(r.debug) for r in self._results}
        made = _generated(json.loads(self.stack.call("stack", "export", "--show-secrets")))
        return [
            f"{where} holds {name}"
            for where, text in texts.items()
            for name, secret in [*made, *((f"secret {i} of the configuration", s) for i, s in enumerate(self._secrets))]
            if secret in text or base64.b64encode(secret.encode()).decode() in text
        ]

    def refused(self) -> Proof:
        """A destroy of what is protected, which loses nothing."""
        before = set(self.stack.resources())
        result = self.run(self.stack.destroy)
        wrong = [] if not result.good and "protect" in result.output else ["the destroy was not refused"]
        lost = before - set(self.stack.resources())
        return self.proof(
            "a destroy of what is protected is refused, and nothing is lost",
            [*wrong, *(f"lost: {urn}" for urn in sorted(lost))],
            f"{len(before)} resources are still there",
        )

    def unprotected(self) -> Proof:
        """The update that lifts the protection (docs/day-two.md); the policy pack would ask for an exception."""
        config = self.stack.project.config
        self.stack.configure(override(config, ["protected=false"]))
        result = self.run(lambda: self.stack.up(policies=False))
        lifting = [s for s in result.changes if s.op == "update" or (s.op == "delete" and s.type in _PROTECTING)]
        touched = [step for step in result.changes if step not in lifting]
        return self.proof(
            "the protection is lifted in place", [*failure(result), *(_line(s) for s in touched)], _counted(result)
        )

    def destroyed(self) -> Iterator[Proof]:
        """A destroy that leaves nothing, each resource deleted before what it needs."""
        before = self.stack.resources()
        result = self.run(self.stack.destroy)
        left = [f"in the state: {urn}" for urn in self.stack.resources()]
        kept = {r["id"] for r in before.values() if r.get("retainOnDelete") and r["type"] in _OUTLIVING}
        left += [
            f"in the account: {held.type} {held.name}"
            for held in list(self.box.backend.account.inventory.held.values())
            if held.id not in kept
        ]
        left += [f"in the cluster: {what}" for what in self.box.left_in_cluster()]
        yield self.proof("a destroy leaves nothing but what is retained", [*failure(result), *left], _counted(result))
        order = [urn for event in read_events(result.event_log) if (urn := _deleted(event))]
        yield self.proof("everything is deleted before what it needs", _misplaced(before, order))


def _list(project: Project, path: str) -> list[object]:
    section, _, key = path.partition(".")
    text = project.config.values.get(f"{project.config.project}:{section}", "{}")
    return cast("dict[str, list[object]]", json.loads(text)).get(key, [])


def failure(result: Result) -> list[str]:
    """What stopped a run, or what the policy pack said; nothing of a run that went well."""
    if result.good:
        return [f"{f.policy}: {f.urn.rsplit('::', 1)[-1]}: {f.message}" for f in result.findings]
    found = [f"{f.level} {f.policy}: {f.urn.rsplit('::', 1)[-1]}: {f.message}" for f in result.findings]
    return [*found, *result.errors] or [f"exit code {result.code}", *result.output.splitlines()[-20:]]


def _counted(result: Result) -> str:
    return ", ".join(f"{count} {op}" for op, count in sorted(Counter(s.op for s in result.steps).items()))


def _line(step: Step) -> str:
    paths = f" ({', '.join(step.changed)})" if step.changed else ""
    return f"{step.op} {step.type} {step.name}{paths}"


def _same_steps(preview: Result, up: Result) -> list[str]:
    shown, done = ({(s.op, s.urn) for s in result.changes} for result in (preview, up))
    return [f"shown, not done: {op} {urn}" for op, urn in sorted(shown - done)] + [
        f"done, not shown: {op} {urn}" for op, urn in sorted(done - shown)
    ]


def _generated(export: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every text that a provider of random values made and marked as secret."""
    found: list[tuple[str, str]] = []
    for resource in cast("list[dict[str, Any]]", export["deployment"].get("resources") or []):
        if str(resource["type"]).startswith(_KEEPS):
            for key, value in cast("dict[str, Any]", resource.get("outputs") or {}).items():
                text = json.loads(cast("dict[str, str]", value)[_PLAINTEXT]) if _is_secret(value) else None
                if isinstance(text, str) and len(text) >= _SHORTEST_SECRET:
                    found.append((f"{key} of {str(resource['urn']).rsplit('::', 1)[-1]}", text))
    return found


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and _PLAINTEXT in value


def _deleted(event: Mapping[str, Any]) -> str:
    metadata = event.get("resOutputsEvent", {}).get("metadata", {})
    return str(metadata["urn"]) if metadata.get("op") == "delete" else ""


def _misplaced(before: Mapping[str, Mapping[str, Any]], order: Sequence[str]) -> list[str]:
    place = {urn: position for position, urn in enumerate(order)}
    return [
        f"{urn} was deleted after {needed}"
        for urn, resource in before.items()
        for needed in cast("list[str]", [*(resource.get("dependencies") or []), resource.get("parent", "")])
        if urn in place and needed in place and place[urn] > place[needed]
    ]


def with_settings(
    project: Project, settings: Mapping[str, object], secrets: Mapping[str, str] | None = None
) -> Project:
    """A project with settings such as `edge.admin_cidrs` changed, sections removed (None), and secret keys."""
    name = project.config.project
    gone = {path if ":" in path else f"{name}:{path}" for path, value in settings.items() if value is None}
    set_ = [f"{path}={json.dumps(value)}" for path, value in settings.items() if value is not None]
    config = override(project.config, set_)
    hidden = {f"{name}:{key}": secret for key, secret in (secrets or {}).items()}
    values = {key: value for key, value in config.values.items() if key not in gone} | hidden
    return replace(project, config=replace(config, values=values, secret_keys=(*config.secret_keys, *hidden)))

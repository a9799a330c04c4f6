"""What the engine did or would do, as plain records read from its event log."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

CHANGES = frozenset(
    {
        "create",
        "update",
        "delete",
        "replace",
        "create-replacement",
        "delete-replaced",
        "import",
        "import-replacement",
        "discard",
        "discard-replaced",
        "remove-pending-replace",
    }
)
"""Operations that are something: the others leave a resource as it is, or read it (apitype.OpType of Pulumi's SDK)."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation on one resource."""

    op: str
    """As the engine names it: `same`, `create`, `update`, `replace`, `delete`, `create-replacement`, ..."""
    urn: str
    type: str
    name: str
    changed: tuple[str, ...] = ()
    """Paths of the inputs that differ."""
    replaced_by: tuple[str, ...] = ()
    """Those of them that replace the resource."""
    protect: bool = False
    """Whether the resource is protected as it was before the step, or as it is made."""
    done: bool = False
    """Whether the operation came to its end. A preview's steps all do."""

    @property
    def changes(self) -> bool:
        """Whether the step is more than keeping or reading a resource."""
        return self.op in CHANGES


@dataclass(frozen=True, kw_only=True)
class PolicyViolation:
    """A violation that the policy pack reported."""

    policy: str
    level: str
    """`mandatory` or `advisory`."""
    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the engine, a provider or the program."""

    severity: str
    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Log:
    """One run's events."""

    steps: tuple[Step, ...]
    findings: tuple[PolicyViolation, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """Events of a log, in order; the last line is left out if a killed engine has not finished it."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield cast("dict[str, Any]", json.loads(line))
        except json.JSONDecodeError:
            return


def read_log(path: Path) -> Log:
    """Read an event log."""
    steps: dict[tuple[str, str], Step] = {}
    findings: list[PolicyViolation] = []
    diagnostics: list[Diagnostic] = []
    for event in read_events(path):
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            if kind in event:
                step = _step(event[kind]["metadata"], done=kind == "resOutputsEvent")
                known = steps.get((step.urn, step.op))
                # The event before an operation has the differences; the one after it says only that it is done.
                steps[step.urn, step.op] = step if known is None else _merged(known, step)
        if "policyEvent" in event:
            findings.append(_finding(event["policyEvent"]))
        if "diagnosticEvent" in event:
            said = event["diagnosticEvent"]
            diagnostics.append(
                Diagnostic(
                    severity=said.get("severity", ""), urn=said.get("urn", ""), message=said.get("message", "").strip()
                )
            )
    return Log(steps=tuple(steps.values()), findings=tuple(findings), diagnostics=tuple(diagnostics))


def _step(metadata: Mapping[str, Any], *, done: bool) -> Step:
    state = cast("Mapping[str, Any]", metadata.get("old") or metadata.get("new") or {})
    detailed = cast("Mapping[str, Mapping[str, Any]]", metadata.get("detailedDiff") or {})
    forcing = {path for path, difference in detailed.items() if str(difference.get("diffKind", "")).endswith("replace")}
    return Step(
        op=metadata["op"],
        urn=metadata["urn"],
        type=metadata["type"],
        name=str(metadata["urn"]).rsplit("::", 1)[1],
        changed=tuple(sorted(detailed.keys() | set(metadata.get("diffs") or ()) - _tops(detailed))),
        replaced_by=tuple(sorted(forcing or set(metadata.get("keys") or ()))),
        protect=bool(state.get("protect")),
        done=done,
    )


def _tops(detailed: Mapping[str, Any]) -> set[str]:
    return {path.split(".", 1)[0].split("[", 1)[0] for path in detailed}


def _merged(before: Step, after: Step) -> Step:
    return Step(
        op=before.op,
        urn=before.urn,
        type=before.type,
        name=before.name,
        changed=before.changed or after.changed,
        replaced_by=before.replaced_by or after.replaced_by,
        protect=before.protect or after.protect,
        done=before.done or after.done,
    )


def _finding(event: Mapping[str, Any]) -> PolicyViolation:
    return PolicyViolation(
        policy=event["policyName"],
        level=event["enforcementLevel"],
        urn=event.get("resourceUrn", ""),
        message=str(event["message"]).strip(),
    )

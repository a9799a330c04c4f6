"""What a change does to a stack: the commit before is deployed here, and the engine previews the files as they are."""

import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.stackfiles import ROOT, StackFileError
from engine.errors import EngineError
from engine.proofs import failure
from engine.sandbox import find_project, sandbox
from engine.stack import Result
from engine.steps import Step

_SHOWN = {
    "create": "create",
    "update": "update in place",
    "replace": "replace",
    "delete": "delete",
    "import": "import",
}
"""Operations of a report; the steps that a replacement consists of are left out."""


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """A preview, and what it was compared with."""

    stack: str
    base: str
    """Commit that was deployed before; empty: nothing was."""
    preview: Result


def preview_change(stack: str, base: str, checkout: Path = ROOT) -> StackChange:
    """Deploy `stack` as the commit `base` has it, with no account, and preview it as it is now.

    A stack that the base does not have is previewed from nothing. Raises `EngineError` and `StackFileError`.
    """
    project = find_project(stack, checkout)
    with sandbox(moto=False) as box, tree_of(base, checkout) as tree:
        try:
            before = find_project(stack, tree)
        except StackFileError:
            return StackChange(stack=stack, base="", preview=box.stack(project).preview(options=["--diff"]))
        engine = box.stack(before)
        deployed = engine.up(policies=False)
        if not deployed.good:
            raise EngineError(
                f"{stack} as the commit {base} has it cannot be deployed here",
                hint="Its errors are above. Name another commit with BASE=..., such as the last one that was deployed.",
                output="\n".join(failure(deployed)),
            )
        engine.use(project)
        return StackChange(stack=stack, base=base, preview=engine.preview(options=["--diff"]))


def text(change: StackChange) -> str:
    """The engine's own output, as `make preview` shows it."""
    lines = [line for line in change.preview.output.splitlines() if not line.startswith(("@ ", "Loading policy packs"))]
    return "\n".join(lines).strip() + "\n"


def markdown(change: StackChange) -> str:
    """What a pull request shows: how many of what, then each resource, then the findings and the whole diff."""
    steps = [step for step in change.preview.changes if step.op in _SHOWN]
    compared = f"compared with `{change.base}`" if change.base else "from nothing"
    lines = [f"### Preview of `{change.stack}`, {compared}", ""]
    if not steps:
        lines += ["Nothing changes." if change.preview.good else "The preview failed.", ""]
    else:
        counts = [f"{sum(s.op == op for s in steps)} to {said}" for op, said in _SHOWN.items() if _any(steps, op)]
        lines += [", ".join(counts) + ".", "", "| what | type | name | because of |", "| --- | --- | --- | --- |"]
        order = list(_SHOWN)
        for step in sorted(steps, key=lambda s: (-order.index(s.op), s.type, s.name)):
            paths = ", ".join(f"`{path}`" for path in step.replaced_by or step.changed)
            protected = ", protected" if step.protect and step.op in {"replace", "delete"} else ""
            lines.append(f"| {_SHOWN[step.op]}{protected} | `{step.type}` | `{step.name}` | {paths} |")
        lines.append("")
    if not change.preview.good or change.preview.findings:
        lines += ["**What stops it, or is advice**", "", *(f"- {line}" for line in _one_line(change.preview)), ""]
    lines += [
        "<details><summary>The whole diff</summary>",
        "",
        "```text",
        text(change).rstrip(),
        "```",
        "",
        "</details>",
    ]
    return "\n".join(lines) + "\n"


def _any(steps: list[Step], op: str) -> bool:
    return any(step.op == op for step in steps)


def _one_line(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in failure(result)]


@contextmanager
def tree_of(base: str, checkout: Path = ROOT) -> Generator[Path]:
    """The files of a commit, in a directory of their own. Raises `EngineError`."""
    with tempfile.TemporaryDirectory(prefix="flowise-base-") as directory:
        tree = Path(directory) / "tree"
        made = _git(checkout, "worktree", "add", "--quiet", "--detach", str(tree), base)
        if made.returncode:
            raise EngineError(
                f"there is no commit {base} to compare with",
                hint="Name one with BASE=..., such as BASE=main; or fetch it: git fetch origin main",
                output=made.stderr.strip(),
            )
        try:
            yield tree
        finally:
            _git(checkout, "worktree", "remove", "--force", str(tree))


def _git(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=False)

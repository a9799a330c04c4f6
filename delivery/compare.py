"""`make plan-diff`: what a change does to the offline plan of a stack (resources, policy findings), and to its cost."""

import difflib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer


def difference(before: str, after: str) -> str:
    """Lines that differ, with a little around them; empty if none does."""
    return "".join(difflib.unified_diff(_lines(before), _lines(after), "before", "after", n=2))


def _lines(text: str) -> list[str]:
    return [f"{line.rstrip()}\n" for line in text.splitlines()]


def main(
    stack: Annotated[str, typer.Argument(help="Name of the stack")],
    base: Annotated[str, typer.Argument(help="Commit to compare with")] = "origin/main",
) -> None:
    """Write the differences to .reports/STACK-plan.diff and .reports/STACK-cost.txt."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as directory:
        tree, estimate = Path(directory) / "base", Path(directory) / "before.json"
        _run(["git", "worktree", "add", "--quiet", "--detach", str(tree), base])
        try:
            if not any(_has(each, stack) for each in (tree, here)):
                typer.echo(_local(here, "plan", stack).text, err=True, nl=False)
                raise typer.Exit(1)
            before = _local(tree, "plan", stack)
            estimated = _local(tree, "cost", stack, "--json")
        finally:
            _run(["git", "worktree", "remove", "--force", str(tree)])
        estimate.write_text(estimated.text, encoding="utf-8")
        # Of a stack that the base has not, or cannot read, there is nothing to compare with: the whole cost is new.
        against = ["--against", str(estimate)] if estimated.good else []
        reports = {
            f"{stack}-plan.diff": difference(before.text, _local(here, "plan", stack).text)
            or "The plan does not change.\n",
            f"{stack}-cost.txt": _local(here, "cost", stack, *against).text,
        }
    directory_ = Path(".reports")
    directory_.mkdir(exist_ok=True)
    for name, text in reports.items():
        (directory_ / name).write_text(text, encoding="utf-8")
        typer.echo(text, nl=False)


def _has(tree: Path, stack: str) -> bool:
    return any((tree / folder / f"Pulumi.{stack}.yaml").exists() for folder in ("", "examples"))


@dataclass(frozen=True, kw_only=True)
class _Said:
    text: str
    """What a command prints, or what it says is wrong: a stack file may be new, or fixed by this very change."""
    good: bool


def _local(tree: Path, *arguments: str) -> _Said:
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments], cwd=tree, capture_output=True, text=True, check=False
    )
    return _Said(text=done.stdout if done.returncode == 0 else done.stderr, good=done.returncode == 0)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        typer.echo(f"{' '.join(command[:3])} failed: {done.stderr.strip()}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

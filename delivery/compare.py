"""`make plan-diff`: what a change does to the offline plan of a stack (resources, cost, policy findings)."""

import difflib
import subprocess
import sys
import tempfile
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
    """Write the difference to .reports/STACK-plan.diff."""
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory) / "base"
        _run(["git", "worktree", "add", "--quiet", "--detach", str(tree), base])
        try:
            before = _plan(tree, stack)
        finally:
            _run(["git", "worktree", "remove", "--force", str(tree)])
    text = difference(before, _plan(Path.cwd(), stack)) or "The plan does not change.\n"
    report = Path(".reports") / f"{stack}-plan.diff"
    report.parent.mkdir(exist_ok=True)
    report.write_text(text, encoding="utf-8")
    typer.echo(text, nl=False)


def _plan(tree: Path, stack: str) -> str:
    """The plan, or what it says is wrong: a stack file may be new, or mended by this very change."""
    done = subprocess.run(
        [sys.executable, "-m", "local", "plan", stack], cwd=tree, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else done.stderr


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        typer.echo(f"{' '.join(command[:3])} failed: {done.stderr.strip()}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

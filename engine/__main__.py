"""`python -m engine`: the real Pulumi engine over a stack of this repository, with no account."""

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from analysis.stackfiles import StackFileError
from engine import build as cli_build
from engine import change_table
from engine.change import markdown, preview_change, text
from engine.errors import EngineError
from engine.kubernetes import LiveCluster, live_cluster
from engine.kubernetes import build as kubernetes_build
from engine.proofs import Proof, life_cycle
from engine.sandbox import BOOTSTRAP, find_project, sandbox


class Kubernetes(StrEnum):
    """What stands behind the provider `kubernetes`."""

    MEMORY = "memory"
    REAL = "real"


class Part(StrEnum):
    """What is built from Go modules."""

    CLI = "cli"
    CONTROL_PLANE = "control-plane"
    PROVIDER = "provider"


app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@app.command()
def prove(
    stacks: Annotated[list[str], typer.Argument(help="Names of stacks; `bootstrap` is the account's own project")],
    *,
    kubernetes: Annotated[
        Kubernetes, typer.Option(help="`real` is Pulumi's provider and an API server: 30 minutes to build, once")
    ] = Kubernetes.MEMORY,
) -> None:
    """Take stacks from nothing to nothing, and say what that proves. Ends with 1 when a claim does not hold."""
    console = Console(emoji=False)
    failed = False
    for name in stacks:
        console.print(f"[bold]{escape(name)}[/]")
        try:
            with _cluster(kubernetes) as live, sandbox(live=live) as box:
                for proof in life_cycle(box, find_project(name), policies=name != BOOTSTRAP):
                    _show(console, proof)
                    failed = failed or not proof.holds
        except (EngineError, StackFileError) as error:
            show_error(error)
            raise typer.Exit(2) from None
    if failed:
        raise typer.Exit(1)


@app.command()
def build(
    parts: Annotated[list[Part], typer.Argument(help="`provider` is Pulumi's provider of Kubernetes")],
) -> None:
    """Build what the tests run, where it is missing: before them, since a test may take 20 minutes at most."""
    try:
        for part in parts:
            match part:
                case Part.CLI:
                    cli_build.provide()
                case Part.CONTROL_PLANE:
                    kubernetes_build.programs()
                    kubernetes_build.definitions()
                case Part.PROVIDER:
                    kubernetes_build.provider()
    except EngineError as error:
        show_error(error)
        raise typer.Exit(2) from None


@app.command()
def preview(
    stack: Annotated[str, typer.Argument(help="Name of the stack; `bootstrap` is the account's own project")],
    *,
    base: Annotated[str, typer.Option(help="Commit that counts as deployed")] = "origin/main",
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a pull request shows it")] = False,
) -> None:
    """Show what a pull request would: the change from BASE to the files as they are. Ends with 1 when it would fail."""
    try:
        change = preview_change(stack, base)
    except (EngineError, StackFileError) as error:
        show_error(error)
        raise typer.Exit(2) from None
    typer.echo(markdown(change) if as_markdown else text(change), nl=False)
    if not change.preview.good:
        raise typer.Exit(1)


@app.command()
def changes(
    *, check: Annotated[bool, typer.Option(help="Write nothing; end with 1 when the page is old")] = False
) -> None:
    """Write docs/changes.md: what each change of settings does to a running prod, a preview for each (10 minutes)."""
    try:
        text_now = change_table.page()
    except (EngineError, StackFileError) as error:
        show_error(error)
        raise typer.Exit(2) from None
    if not check:
        change_table.PAGE.write_text(text_now, encoding="utf-8")
    elif text_now != change_table.PAGE.read_text(encoding="utf-8"):
        typer.echo(f"{change_table.PAGE.name} is not what the engine shows now: run `make changes`", err=True)
        raise typer.Exit(1)


def _cluster(kubernetes: Kubernetes) -> AbstractContextManager[LiveCluster | None]:
    """A real cluster, or none."""
    return live_cluster() if kubernetes is Kubernetes.REAL else nullcontext()


def _show(console: Console, proof: Proof) -> None:
    sign = "[green]yes[/]" if proof.holds else "[red]NO [/]"
    detail = proof.detail if proof.holds else ""
    console.print(f"  {sign} {proof.claim} [dim]({proof.seconds:.0f} s) {escape(detail)}[/]", soft_wrap=True)
    if not proof.holds:
        console.print(escape(proof.detail), style="red", soft_wrap=True)


def show_error(error: EngineError | StackFileError) -> None:
    """Print what failed, the last lines of what was printed, and what to do."""
    console = Console(stderr=True, emoji=False)
    if isinstance(error, EngineError):
        if error.output:
            console.print(escape(error.output), style="dim", soft_wrap=True)
        console.print(escape(error.message), style="red", soft_wrap=True)
        console.print(escape(error.hint), soft_wrap=True)
    else:
        console.print(escape(str(error)), style="red", soft_wrap=True)


if __name__ == "__main__":
    app()

"""What happens to a running environment in production, asked for by hand."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local.commands.progress import Progress
from local.commands.up import Stack
from local.errors import LocalError
from local.layout import find_layout
from local.requests import Operation, ask

Deployment = Annotated[str, typer.Argument(help="The Deployment; its last word is enough, such as server.")]


def restart(stack: Stack, deployment: Deployment) -> None:
    """Replace the pods of a Deployment as its strategy says, one after the other, without a gap."""
    _do(stack, "restart", deployment, done=f"{deployment} was replaced")


def scale(
    stack: Stack,
    deployment: Deployment,
    replicas: Annotated[int, typer.Argument(help="Pods that there shall be.", min=0, max=10)],
) -> None:
    """Change the number of pods of a Deployment, until the next start."""
    _do(stack, "scale", deployment, replicas, done=f"{deployment} has {replicas} pod(s)")


def outage(
    stack: Stack,
    backend: Annotated[str, typer.Argument(help="Such as queue or database.")],
    seconds: Annotated[float, typer.Option(help="How long it stays down.", min=0, max=600)] = 10,
) -> None:
    """Stop a back end and start it again, to see what Flowise makes of it."""
    _do(stack, "outage", backend, seconds, done=f"{backend} is back")


def snapshot(
    stack: Stack,
    name: Annotated[str, typer.Argument(help="Letters, digits and hyphens. Without it, one of this moment.")] = "",
) -> None:
    """Take a snapshot of the database in use."""
    name = name or f"local-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    _do(stack, "snapshot", name, done=f"snapshot {name} is taken")


def simulate_loss(
    stack: Stack,
    what: Annotated[str, typer.Argument(help="namespace, or a database such as database or database-g2.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy a database and its data (its backups stay), or all that is in the cluster: for drills."""
    if not yes and typer.prompt(f"This destroys the {what} of '{stack}' as a disaster would. Type its name") != what:
        Console(emoji=False).print("Nothing was destroyed.")
        raise typer.Exit(1)
    _do(stack, "simulate-loss", what, done=f"{what} is lost")


def _do(stack: str, operation: Operation, target: str, amount: float = 0, *, done: str) -> None:
    console = Console(highlight=False, emoji=False)
    began = time.monotonic()
    try:
        with Progress(console) as progress:
            ask(find_layout().stack(stack), operation, target, amount, show=progress.show)
    except LocalError as error:
        console.print(f"[bold red]{escape(operation)} {escape(target)}:[/] {escape(error.message)}")
        console.print(f"[bold]What to do:[/] {escape(error.hint)}")
        raise typer.Exit(1) from None
    console.print(f"{done} [dim]({time.monotonic() - began:.0f} s)[/]")

"""`execute`: a program beside a running pod's, as `kubectl exec -i` starts it."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local.commands.up import Stack
from local.errors import LocalError
from local.events import read_events
from local.layout import StackLayout, find_layout
from local.processes.child import living


def execute(
    stack: Stack,
    deployment: Annotated[str, typer.Argument(help="The Deployment; its last word is enough, such as server.")],
    command: Annotated[list[str], typer.Argument(help="Program and arguments, after --.")],
) -> None:
    """Run a program with the environment, user and directory of a pod; standard input is passed on."""
    try:
        pid = _process(find_layout().stack(stack), deployment)
    except LocalError as error:
        Console(stderr=True, highlight=False, emoji=False).print(
            f"{escape(str(error))}\n{escape(error.hint)}", soft_wrap=True
        )
        raise typer.Exit(1) from None
    place = Path(f"/proc/{pid}")
    entries = os.fsdecode((place / "environ").read_bytes()).split("\0")
    environment = {name: value for name, equals, value in (entry.partition("=") for entry in entries) if equals}
    user = place.stat().st_uid
    as_user = user if os.geteuid() == 0 else None  # only root can become another
    done = subprocess.run(
        command, env=environment, cwd=(place / "cwd").resolve(), user=as_user, group=as_user, check=False
    )
    raise typer.Exit(done.returncode)


def _process(stack: StackLayout, deployment: str) -> int:
    """Process id of a pod that runs."""
    running = set(living(stack.children))
    for event in reversed(read_events(stack.events)):
        if event["kind"] != "pod" or event["state"] != "started" or not event.get("detail", "").startswith("pid "):
            continue
        pid, name = int(event["detail"].removeprefix("pid ")), event["pod"].rpartition("-")[0]
        if pid in running and (name == deployment or name.endswith(f"-{deployment}")):
            return pid
    hint = f"`make local-status STACK={stack.name}` shows what runs; start it with `make local STACK={stack.name}`."
    raise LocalError(f"no pod of {deployment} runs in '{stack.name}'", hint=hint)

"""`python -m local policy [STACK...]`: what the policy pack says about stacks, with no account and no Pulumi CLI."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local.judge import judge, show, today
from local.plan import record_stack
from local.stackfiles import StackFileError, read_stack, stack_names
from settings import SettingsError, parse_settings


def policy(
    stacks: Annotated[list[str] | None, typer.Argument(help="Names of stacks; without one, all of them")] = None,
) -> None:
    """Judge stacks by the rules of docs/policies.md. Ends with 1 when a mandatory rule is broken."""
    console = Console(emoji=False)
    failed = False
    for name in stacks or stack_names():
        try:
            config = read_stack(name)
            parse_settings(config.values, config.secret_keys, name)
        except (StackFileError, SettingsError) as error:
            Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
            raise typer.Exit(1) from None
        report = judge(record_stack(config), config, today())
        show(console, f"{name}:", report)
        failed = failed or bool(report.mandatory)
    if failed:
        raise typer.Exit(1)

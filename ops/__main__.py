"""`python -m ops`: recovery, what could be recovered, and the portable archive of a stack."""

import functools
import importlib
import sys
from collections.abc import Callable

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from ops.errors import OpsError, explained

COMMANDS = {
    "status": "ops.commands.status",
    "recover-objects": "ops.commands.recover_objects",
    "restore-database": "ops.commands.restore_database",
    "set-password": "ops.commands.set_password",
    "export": "ops.commands.export_archive",
    "import": "ops.commands.import_archive",
    "check-files": "ops.commands.check_files",
    "drill": "ops.commands.drill",
}
"""Each command and the module whose function of the module's name it is."""


def make_app(asked: str = "") -> typer.Typer:
    """Make the command line; with one command only if `asked` is one, so that nothing else is imported."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
    app.callback(help=__doc__)(_group)
    for name, module in COMMANDS.items():
        if asked == name or asked not in COMMANDS:
            app.command(name)(_guarded(getattr(importlib.import_module(module), module.rpartition(".")[2])))
    return app


def _group() -> None:
    """Keeps the name of a command that is the only one."""


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Show what a command could not do, and leave with exit code 1; a person in trouble needs no traceback."""

    @functools.wraps(command)
    def guarded(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except (OpsError, ClientError, BotoCoreError) as error:
            problem = error if isinstance(error, OpsError) else explained(error)
            console = Console(stderr=True, highlight=False, emoji=False)
            console.print(f"[bold red]Failed:[/] {escape(problem.message)}", soft_wrap=True)
            if problem.hint:
                console.print(f"[bold]What to do:[/] {escape(problem.hint)}", soft_wrap=True)
            raise typer.Exit(1) from None

    return guarded


if __name__ == "__main__":
    make_app(*sys.argv[1:2])()

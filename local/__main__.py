"""`python -m local`: the estate on one machine."""

import typer

from local.commands.down import clean, down
from local.commands.logs import logs
from local.commands.status import status
from local.commands.up import up
from local.plan import plan
from local.reference import reference

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
for command in (plan, reference, up, down, status, logs, clean):
    app.command()(command)

if __name__ == "__main__":
    app()

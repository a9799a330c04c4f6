"""`python -m local`: the environment on one machine."""

import gc
import importlib
import sys

import typer

COMMANDS = {
    "plan": "analysis.plan",
    "policy": "analysis.policy",
    "cost": "analysis.cost.command",
    "difference": "analysis.stack_difference",
    "capacity": "analysis.capacity.command",
    "diagram": "analysis.diagram",
    "reference": "pages.reference",
    "up": "local.commands.up",
    "down": "local.commands.down",
    "status": "local.commands.status",
    "logs": "local.commands.logs",
    "traces": "local.commands.traces",
    "execute": "local.commands.execute",
    "clean": "local.commands.down",
    "restart": "local.commands.change",
    "scale": "local.commands.change",
    "outage": "local.commands.change",
    "snapshot": "local.commands.change",
    "simulate-loss": "local.commands.change",
}
"""Each command and the module whose function of that name (`_` for `-`) it is."""


def make_app(asked: str = "") -> typer.Typer:
    """Make the command line; with one command only if `asked` is one, as the modules of some take seconds to import."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
    app.callback(help=__doc__)(_group)
    for name, module in COMMANDS.items():
        if asked == name or asked not in COMMANDS:
            app.command(name)(getattr(importlib.import_module(module), name.replace("-", "_")))
    return app


def _group() -> None:
    """Keeps the name of a command that is the only one."""


if __name__ == "__main__":
    gc.disable()  # while modules are imported: their classes all stay
    app = make_app(*sys.argv[1:2])
    gc.freeze()
    gc.enable()
    app()

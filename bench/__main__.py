"""`python -m bench [plan|policy|tests|local|edge|app|start|ops|telemetry|ratio ...]`: print figures as Markdown."""

import os
import platform
from typing import Annotated

import typer

from bench.app import measure_app
from bench.edge import measure_edge
from bench.local_environment import measure_local
from bench.ops import measure_ops
from bench.processes import table
from bench.program import measure_plan, measure_policy, measure_tests
from bench.ratio import measure_ratio
from bench.start import measure_start
from bench.telemetry import measure_telemetry

PARTS = {
    "plan": measure_plan,
    "policy": measure_policy,
    "tests": measure_tests,
    "local": measure_local,
    "edge": measure_edge,
    "app": measure_app,
    "start": measure_start,
    "ops": measure_ops,
    "telemetry": measure_telemetry,
    "ratio": measure_ratio,
}


app = typer.Typer(add_completion=False)


@app.command()
def main(
    parts: Annotated[list[str] | None, typer.Argument(help=f"What to measure: {', '.join(PARTS)}; default all")] = None,
) -> None:
    """Measure and print."""
    unknown = set(parts or ()) - set(PARTS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(PARTS)}")
    typer.echo(
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}\n"
    )
    for name in parts or PARTS:
        for title, header, rows in PARTS[name]():
            typer.echo(f"### {title}\n\n{table(header, rows)}\n")


if __name__ == "__main__":
    app()

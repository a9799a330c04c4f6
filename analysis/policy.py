"""`python -m local policy [STACK...]`: what the policy pack says about stacks, with no account and no Pulumi CLI."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from analysis.evaluation import evaluate_recording, show, today
from analysis.plan import record_stack
from analysis.program import BOOTSTRAP, run_bootstrap
from analysis.recorder import Recording, record
from analysis.stackfiles import StackConfig, StackFileError, read_stack, stack_names
from analysis.synthetic import SyntheticProvider
from bootstrap.settings import BootstrapSettingsError
from bootstrap.settings import parse_settings as parse_account_settings
from policies.evaluate import PolicyReport
from settings import SettingsError, parse_settings


def policy(
    stacks: Annotated[
        list[str] | None, typer.Argument(help="Names of stacks or of bootstrap's account; without one, all of them")
    ] = None,
) -> None:
    """Evaluate stacks and bootstrap by the rules of docs/policies.md. Ends with 1 when a mandatory rule is broken."""
    console = Console(emoji=False)
    failed = False
    for name in stacks or [*stack_names(), *stack_names(BOOTSTRAP)]:
        try:
            report = _evaluate_account(name) if name in stack_names(BOOTSTRAP) else _evaluate_stack(name)
        except (StackFileError, SettingsError, BootstrapSettingsError) as error:
            Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
            raise typer.Exit(1) from None
        show(console, f"{name}:", report)
        failed = failed or bool(report.mandatory)
    if failed:
        raise typer.Exit(1)


def record_account(config: StackConfig) -> Recording:
    """Record bootstrap's program with invented outputs."""
    return record(
        run_bootstrap,
        SyntheticProvider.of(config.values),
        config=config.values,
        secret_keys=config.secret_keys,
        project=config.project,
        stack_name=config.stack,
        threads=False,
    )


def _evaluate_stack(name: str) -> PolicyReport:
    config = read_stack(name)
    parse_settings(config.values, config.secret_keys, name)
    return evaluate_recording(record_stack(config), config, today())


def _evaluate_account(name: str) -> PolicyReport:
    config = read_stack(name, BOOTSTRAP)
    parse_account_settings(config.values, config.secret_keys, name)
    return evaluate_recording(record_account(config), config, today())

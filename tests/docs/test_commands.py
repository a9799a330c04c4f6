"""Every command that a page shows is run by a test, or says what it needs that is not here.

A page whose blocks use a tool of `NOT_HERE` has a paragraph `Needs: ...` that names it. What can be checked of such a
command without the tool is: options and answers of the AWS CLI, names of Deployments, keys of the stack file.
"""

import ast
import io
import os
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

import local.__main__
import ops.__main__
from analysis.cost import command as cost
from analysis.recorder import Recording
from analysis.stackfiles import ROOT, StackConfig
from local.commands.progress import show_ready
from ops.commands.objects_shown import show_plan, show_what_next
from ops.objects.changes import Action, Plan
from ops.objects.report import RecoveryRequest
from pages.site import markdown_pages as pages
from settings import PROJECT, SECRET_KEYS, StackSettings
from tests.conftest import recorded
from tests.docs import aws_cli
from tests.docs.shell import Command, commands, parse

NOT_HERE: Final = {"aws", "cosign", "docker", "gh", "kubectl", "pulumi"}
"""Tools that need an account, a cluster or a daemon."""

EVERYWHERE: Final = {
    *("cd", "cp", "curl", "dig", "grep", "jq", "less", "python3", "sed", "sh", "sort", "tail", "tee", "zcat"),
}
"""Tools whose use here is plain enough to read."""

PROGRAMS: Final = {"local": local.__main__, "ops": ops.__main__}

RUN_HERE: Final = {"local capacity", "local cost", "local difference", "local plan"}
"""Commands that only read: this file runs them as they stand in the page."""

PROVEN_BY: Final = {
    "local up": "tests/e2e/test_flowise.py::test_the_owner_is_there_and_nobody_else_can_claim_the_instance",
    "local down": "tests/e2e/test_flowise.py::test_everything_is_there_after_a_restart",
    "local status": "tests/local/test_commands.py::test_status",
    "local logs": "tests/local/test_commands.py::test_logs_carry_the_name_of_their_process",
    "local traces": "tests/e2e/test_traces.py::test_a_page_shows_the_trace",
    "local clean": "tests/local/test_commands.py::test_clean_asks_for_the_name",
    "local restart": "tests/e2e/test_drills_rollout.py::test_a_rolling_restart_loses_no_request",
    "local scale": "tests/local/test_commands.py::test_a_change_ends_with_what_the_daemon_says",
    "local outage": (
        "tests/e2e/test_drills_outages.py::test_predictions_work_again_soon_after_an_outage_and_no_pod_restarts"
    ),
    "local snapshot": "tests/local/test_restore.py::test_a_lost_database_comes_back_as_it_was",
    "local simulate-loss": "tests/e2e/test_recovery.py::test_nothing_is_lost_up_to_the_recovery_point",
    "local execute": "tests/e2e/test_password.py::test_a_new_password_logs_in_and_the_old_one_does_not",
    "local diagram": "tests/test_diagram.py::test_the_committed_picture_is_drawn_from_what_prod_registers",
    "ops drill": "tests/e2e/test_recovery.py::test_nothing_is_lost_up_to_the_recovery_point",
    "ops status": "tests/ops/test_status.py::test_everything_holds",
    "ops recover-objects": "tests/ops/test_recover_objects.py::test_brings_back_exactly_what_was_there",
    "ops set-password": "tests/e2e/test_password.py::test_a_new_password_logs_in_and_the_old_one_does_not",
    **dict.fromkeys(("ops check-files", "ops export", "ops import"), "tests/e2e/test_adopt_sqlite.py::test_by_archive"),
    "ops restore-database": (
        "tests/ops/test_restore_database.py::test_asks_for_a_moment_and_leaves_everything_else_as_it_was"
    ),
}
"""Commands that start, stop or change something, each with the test that does it for real."""

PROVEN_TARGETS: Final = {
    "engine": "tests/engine/runs/test_life_cycles.py::test_from_nothing_to_nothing",
    "engine-kubernetes": "tests/kubernetes/runs/test_life_cycles.py::test_from_nothing_to_nothing",
    "preview-local": "tests/engine/runs/test_preview.py::test_a_change_is_shown_as_a_pull_request_would",
    "plan-diff": "tests/delivery/test_compare.py::test_a_change_of_cost_is_in_the_comment_of_a_pull_request",
    "vulnerabilities": "tests/docs/test_dependency_advisories.py::test_every_compatible_fix_is_taken_or_held",
}
"""Targets that run no command of `PROGRAMS`, each with the test of what they do run."""

WORKSHOP: Final = {"bench", "clean", "docs", "format", "golden", "help", "lock", "schema", "site"}
"""Targets for who changes the project: Git shows what they have written."""

_PYTHON: Final = re.compile(r"\.venv/bin/python")
_WORKLOAD: Final = re.compile(r"(?:deploy|deployment|scaledobject)/([a-z-]+)")
_PAGES: Final = [name for name in pages.pages() if commands(name, pages.read(name))]


def in_blocks() -> list[Command]:
    """Every command in a block of a page."""
    return [command for name in _PAGES for command in commands(name, pages.read(name))]


def in_text() -> list[Command]:
    """Every command in the text of a page, where arguments may be left out."""
    starts = re.compile(r"(?:(?:\.venv/bin/)?python -m (?:local|ops)|make|aws) \S")
    return [
        command
        for name in pages.pages()
        for span in pages.spans(pages.read(name))
        if starts.match(span)
        for command in parse(name, 0, span)
    ]


def start(command: Command) -> str:
    """The command of a program of ours, such as `local up`; empty for another program."""
    words = command.words
    is_ours = (
        bool(_PYTHON.fullmatch(words[0])) and words[1:2] == ("-m",) and words[2:3] in {(name,) for name in PROGRAMS}
    )
    return " ".join(words[2:4]) if is_ours else ""


def declared(text: str) -> set[str]:
    """Tools that a page says it needs."""
    paragraph = re.search(r"^(?:Needs|Precisa de): .+?(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return set(pages.spans(paragraph[0])) & NOT_HERE if paragraph else set()


@cache
def targets() -> dict[str, str]:
    """Targets of the Makefile, each with what it says of itself."""
    return dict(re.findall(r"^([a-z0-9-]+):.*?## (.+)$", pages.read("Makefile"), re.MULTILINE))


@cache
def gate() -> set[str]:
    """Targets that gate every change; the gate itself proves them, and what they need."""
    return {*re.findall(r"^make ([a-z0-9-]+)$", pages.read(".ci/run"), re.MULTILINE), "setup"}


@cache
def run_by_the_gate() -> set[str]:
    """Commands of ours that the gate runs."""
    return {name for target in gate() for command in recipe((target,)) if (name := start(command))}


def needs(command: Command) -> set[str]:
    """Tools of `NOT_HERE` that a command uses; a target says so in its help."""
    program, *rest = command.words
    if program == "make":
        said = ", ".join(re.findall(r"\(([\w, ]+)\)", targets().get(rest[0], "")))
        return {tool.strip().lower() for tool in said.split(",")} & NOT_HERE
    return {program} & NOT_HERE


@cache
def recipe(words: tuple[str, ...]) -> list[Command]:
    """Programs of ours that `make` would run."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", *words], cwd=ROOT, env=plain, capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stdout.splitlines() if re.match(r"\.venv/bin/python -m (local|ops) ", line)]
    return [command for line in lines for command in parse("Makefile", 0, line)]


def problem(command: Command) -> str:
    """Why nobody can rely on a command; empty when a test runs it or the page says what it needs."""
    program, *rest = command.words
    if missing := needs(command) - declared(pages.read(command.page)):
        return f"{command}: the page must say `Needs: {', '.join(sorted(missing))}` before it"
    if program in NOT_HERE | EVERYWHERE:
        return ""
    if program == "git":
        known = subprocess.run(["git", "--list-cmds=main"], capture_output=True, text=True, check=True).stdout.split()
        return "" if rest[0] in known else f"{command}: there is no such command of git"
    if program == "make":
        return problem_of_target(command)
    is_bench = command.words[1:3] == ("-m", "bench")  # a part of `make bench`; tests/test_benchmarks.py knows them
    if not is_bench and start(command) not in RUN_HERE | PROVEN_BY.keys() | run_by_the_gate():
        return f"{command}: nobody knows this command; add it to RUN_HERE, PROVEN_BY, NOT_HERE or EVERYWHERE"
    return ""


def problem_of_target(command: Command) -> str:
    """The same, for a target of the Makefile: it is proven by what it runs, by the gate, or by its help."""
    target = command.words[1]
    if target not in targets():
        return f"{command}: there is no such target"
    runs = [start(each) for each in recipe(command.words[1:])]
    known = RUN_HERE | PROVEN_BY.keys() | run_by_the_gate()
    proven = target in gate() | WORKSHOP | PROVEN_TARGETS.keys() or needs(command) or (runs and set(runs) <= known)
    return "" if proven else f"{command}: no test runs it, and nothing says what it needs"


def read_arguments(words: Sequence[str]) -> None:
    """Let the real command line read its arguments. Raises what it would say."""
    program, name, *arguments = words
    group: Any = typer.main.get_command(PROGRAMS[program].make_app(name))
    group.commands[name].make_context(name, list(arguments))


def test_every_command_is_run_by_a_test_or_says_what_it_needs() -> None:
    problems = [said for command in in_blocks() if (said := problem(command))]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("page", "typed", "says"),
    [
        ("README.md", "pulumi up", "the page must say `Needs: pulumi`"),
        ("README.md", "make deploy", "the page must say `Needs: aws, pulumi`"),
        ("README.md", "make no-such-target", "there is no such target"),
        ("README.md", "make browser", "no test runs it"),
        ("README.md", "make local-clean", ""),
        ("README.md", "python -m local no-such-command", "nobody knows this command"),
        ("README.md", "python -m no_such_module", "nobody knows this command"),
        ("README.md", "no-such-program --now", "nobody knows this command"),
        ("README.md", "git no-such-command", "no such command of git"),
        ("README.md", "url=$(aws sts get-caller-identity) make check", "the page must say `Needs: aws`"),
        ("README.md", "make check | tail", ""),
        ("docs/first-deployment.md", "pulumi up", ""),
    ],
)
def test_a_command_that_nobody_proves_is_named(page: str, typed: str, says: str) -> None:
    found = [text for command in parse(page, 1, typed) if (text := problem(command))]
    assert len(found) == bool(says)
    assert says in "".join(found)


def test_a_page_needs_only_what_it_uses() -> None:
    unused: list[tuple[str, set[str]]] = []
    for name in pages.pages():
        text = pages.read(name)
        used = {span.split(" ")[0] for span in pages.spans(text) if " " in span}
        used |= {tool for command in commands(name, text) for tool in needs(command)}
        unused += [(name, declared(text) - used)] if declared(text) - used else []
    assert not unused, str(unused)


@pytest.mark.parametrize("proof", sorted({*PROVEN_BY.values(), *PROVEN_TARGETS.values()}))
def test_the_tests_that_prove_commands_are_there(proof: str) -> None:
    path, _, name = proof.partition("::")
    functions = [node.name for node in ast.walk(ast.parse(pages.read(path))) if isinstance(node, ast.FunctionDef)]
    assert name in functions


def test_every_command_of_ours_is_proven_somewhere() -> None:
    ours = {f"{program} {name}" for program, module in PROGRAMS.items() for name in module.COMMANDS}
    assert ours == RUN_HERE | PROVEN_BY.keys() | run_by_the_gate()


def test_our_own_command_lines_take_their_arguments() -> None:
    refused: dict[str, str] = {}
    for command in [c for c in in_blocks() if c.words[0] == "make" or start(c)]:
        try:
            for each in recipe(command.words[1:]) if command.words[0] == "make" and not needs(command) else [command]:
                if start(each):
                    read_arguments(each.words[2:])
        except Exception as error:  # noqa: BLE001  # whatever it is, the command is named
            refused[str(command)] = repr(error)
    assert not refused, str(refused)


def test_commands_in_the_text_of_a_page_are_there() -> None:
    missing = {str(command): found for command in in_text() if (found := missing_in(command))}
    assert not missing, str(missing)


def missing_in(command: Command) -> list[str]:
    """What a command in a text names that there is not; arguments may be left out."""
    program, *rest = command.words
    if program == "make":
        return [] if rest[0] in targets() else [rest[0]]
    if start(command) and rest[2] not in PROGRAMS[rest[1]].COMMANDS:
        return [rest[2]]
    if start(command):
        group: Any = typer.main.get_command(PROGRAMS[rest[1]].make_app(rest[2]))
        options = {option for each in group.commands[rest[2]].params for option in each.opts}
        return [word for word in rest[3:] if word.startswith("-") and word not in options]
    return [line for line in aws_cli.mistakes(rest) if " needs " not in line] if program == "aws" else []


def test_the_aws_cli_takes_the_command_and_answers_what_is_asked() -> None:
    asked = [command for command in in_blocks() if command.words[0] == "aws"]
    mistakes = {str(each): found for each in asked if (found := aws_cli.mistakes(each.words[1:]))}
    assert not mistakes, str(mistakes)


def test_workloads_that_commands_name_are_those_of_the_program() -> None:
    named = {name for command in in_blocks() for word in command.words for name in _WORKLOAD.findall(word)}
    made = {
        r.inputs["metadata"]["name"]
        for r in recorded("prod").records
        if r.type.endswith((":Deployment", ":ScaledObject"))
    }
    of_charts = {"keda-operator"}
    assert named
    assert named <= made | of_charts


def test_keys_that_commands_set_are_keys_of_the_stack_file() -> None:
    set_ = [re.findall(rf"{PROJECT}:(\w+)", " ".join(c.words)) for c in in_blocks() if "config" in c.words]
    names = {name for names in set_ for name in names}
    assert names
    assert names <= SECRET_KEYS | StackSettings.model_fields.keys()


def test_commands_that_only_read_do_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block of docs/cost.md in its order: a file of one's own use, an estimate as JSON, and what a change costs."""
    shown = [c for c in commands("docs/cost.md", pages.read("docs/cost.md")) if c.words[0] != "make"]
    (tmp_path / "mine.yaml").write_text("{}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def once(config: StackConfig) -> Recording:
        return recorded(config.stack)

    monkeypatch.setattr(cost, "record_stack", once)
    for command in shown:
        done = CliRunner().invoke(local.__main__.make_app("cost"), list(command.words[3:]))
        assert done.exit_code == 0, done.output
        if "--json" in command.words:
            (tmp_path / "before.json").write_text(done.stdout, encoding="utf-8")
    assert [c.words[3] for c in shown] == ["cost", "cost", "cost"]


@pytest.mark.parametrize(
    "command", [c for c in in_blocks() if start(c) == "local capacity"], ids=lambda c: " ".join(c.words[4:])
)
def test_what_a_load_needs_is_shown(command: Command) -> None:
    done = CliRunner().invoke(local.__main__.make_app("capacity"), list(command.words[3:]))
    assert done.exit_code == 0, done.output
    assert "predictions a second" in done.output


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_plan_is_shown(stack: str) -> None:
    done = CliRunner().invoke(local.__main__.make_app("plan"), ["plan", stack])
    assert done.exit_code == 0
    assert f"flowise {stack}" in done.output


def block_after(page: str, words: str) -> list[str]:
    """Lines of the first block that shows what begins with `words`."""
    found = next(b for b in pages.blocks(pages.read(page)) if b.text.removeprefix("$ ").startswith(words))
    return found.text.splitlines()


ONLY: Final = "only on AWS: the firewall's rules "
"""How a start begins the list of what it leaves out; the README may end it with `...`."""


def test_the_readme_shows_what_a_start_ends_with() -> None:
    shown = block_after("README.md", "component ")
    rows = [line.split() for line in shown[1 : shown.index("...")]]
    event: dict[str, Any] = {
        "url": "http://localhost:8080",
        "owner": ".local/dev/owner.txt",
        "not_emulated": [
            name for line in shown if line.startswith(ONLY) for name in line.removeprefix(ONLY).split(", ")
        ],
        "components": [
            {
                "component": name,
                "type": kind,
                **dict(zip(("process", "moto", "recorded"), map(_number, counts), strict=True)),
            }
            for name, kind, *counts in rows
        ],
    }
    console = Console(file=io.StringIO(), width=100)
    show_ready(console, "dev", event)
    written = [" ".join(line.split()) for line in cast("io.StringIO", console.file).getvalue().splitlines()]
    total, took = shown[shown.index("...") + 1], shown[-1]
    assert re.fullmatch(r"all +\d+ +\d+ +\d+", total)
    assert re.fullmatch(r"\d+ s in all", took)
    for line in shown:
        if line not in {"...", "", total, took}:
            assert " ".join(line.split()) in written


def _number(text: str) -> int:
    return 0 if text == "·" else int(text)


def test_the_runbook_shows_what_a_dry_run_shows() -> None:
    shown = block_after("docs/runbooks/bucket-emptied.md", ".venv/bin/python -m ops recover-objects")[1:]
    counts = [int(line.split("  ")[-1].split()[0]) for line in shown if line.startswith(("hide", "are right"))]
    plan = Plan(keys=Counter({Action.RESTORE: 3117, Action.HIDE: counts[0], Action.KEEP: counts[1]}), bytes=48_200_000)
    request = RecoveryRequest(bucket="flowise-prod-files", prefix="", to="2026-11-23T10:00:00Z", mode="plan")
    console = Console(file=io.StringIO(), width=200, highlight=False)
    show_plan(console, plan, request)
    show_what_next(console, plan, request)
    written = [" ".join(line.split()) for line in cast("io.StringIO", console.file).getvalue().splitlines()]
    sample = [line for line in shown if line.startswith("  restore")]
    assert sample
    assert all(re.fullmatch(r"  restore +\S+ stored \S+Z", line) for line in sample)
    for line in shown:
        if line not in sample and line.strip() not in {"", "..."}:
            assert " ".join(line.split()) in written

"""Every `pulumi` command that pages, Makefile and error messages name, against the real command line of Pulumi.

What needs no more than a backend is run; of the rest, command, flags and number of arguments are checked.
"""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.stackfiles import ROOT, read_stack
from engine import build
from pages.site import markdown_pages as pages
from settings import SettingsError, parse_settings
from tests.docs.shell import Command, commands, parse

_FLAG = re.compile(r"^ +(?:-(\w), )?--([\w-]+)(?: ([\w:]+))? {2,}", re.MULTILINE)
_MAKE_VARIABLE = re.compile(r"\$\((\w+)\)")


def named() -> list[Command]:
    """Commands in blocks and in the text of pages, and in the Makefile."""
    found = [c for name in pages.pages() for c in commands(name, pages.read(name))]
    found += [
        command
        for name in pages.pages()
        for span in pages.spans(pages.read(name))
        if span.startswith("pulumi ")
        for command in parse(name, 0, span)
    ]
    text = pages.read("Makefile").replace("\\\n", " ")
    values = dict(re.findall(r"^(\w+) :?= (.*)$", text, flags=re.MULTILINE))
    for line in re.findall(r"^\t@?(pulumi [^|>;\n]*)", text, flags=re.MULTILINE):
        plain = _MAKE_VARIABLE.sub(lambda m: values.get(m[1], "GIVEN"), line).replace("$(STACK)", "dev")
        found += parse("Makefile", 0, _MAKE_VARIABLE.sub("GIVEN", plain).replace("$$", "$"))
    return list({c.words: c for c in found if c.words[0] == "pulumi" and len(c.words) > 1}.values())


@cache
def helped(words: tuple[str, ...]) -> str:
    """What the command line says to a command with `--help`; a flag that it does not know is an error."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    done = subprocess.run(
        [str(build.provide()), *words, "--help"], env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else f"refused: {done.stderr or done.stdout}"


def mistakes(words: tuple[str, ...]) -> str:
    """What is wrong with a command: empty when Pulumi knows it with its flags and arguments."""
    given = tuple(word for word in words if word != "...")
    text = helped(given)
    usage = re.search(r"^Usage:\n +pulumi ?(.*)$", text, flags=re.MULTILINE)
    if usage is None:
        return text
    takes_value = {name for short, long, kind in _FLAG.findall(text) if kind for name in (f"-{short}", f"--{long}")}
    plain: list[str] = []
    skip = False
    for word in given:
        if not skip and not word.startswith("-"):
            plain.append(word)
        skip = not skip and word in takes_value
    path: list[str] = []
    for word in usage[1].split():
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        path.append(word)
    aliases = re.search(r"^Aliases:\n +(.*)$", text, flags=re.MULTILINE)
    called = aliases[1].split(", ") if aliases else path[-1:]
    if plain[: len(path) - 1] != path[:-1] or plain[len(path) - 1 : len(path)][0:1] not in [[name] for name in called]:
        return f"pulumi {' '.join(plain)}: there is no such command; the nearest is `pulumi {' '.join(path)}`"
    allowed = len(
        re.findall(r"<[^>]+>|\[[^\]]*\]", usage[1].replace("[flags]", "").replace("[--]", "").replace("[command]", ""))
    )
    surplus = plain[len(path) + allowed :]
    return f"pulumi {' '.join(path)} takes no {' '.join(surplus)}" if surplus and "..." not in usage[1] else ""


@pytest.mark.parametrize("command", named(), ids=str)
def test_pulumi_knows_the_command_its_flags_and_arguments(command: Command) -> None:
    assert mistakes(command.words[1:]) == ""


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("no-such-command", "no such command"),
        ("stack no-such-command", "stack takes no no-such-command"),
        ("preview --no-such-flag", "unknown flag"),
        ("config set --path --typ string a 1", "unknown flag"),
        ("stack export --file state.json extra", "takes no extra"),
        ("preview --refresh --expect-no-changes --diff", ""),
    ],
)
def test_mistakes_in_a_command_are_found(typed: str, says: str) -> None:
    found = mistakes(tuple(shlex.split(typed)))
    assert bool(found) == bool(says)
    assert says in found


@pytest.fixture
def pulumi(tmp_path: Path) -> Callable[..., str]:
    """Pulumi in a project of this name, with a file backend and a home of its own."""
    project, state = tmp_path / "project", tmp_path / "state"
    project.mkdir()
    state.mkdir()
    (project / "Pulumi.yaml").write_text("name: flowise\nruntime: python\n", encoding="utf-8")
    environment = {
        **os.environ,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "only for this test",
    }

    def run(*words: str, succeeds: bool = True) -> str:
        done = subprocess.run(
            [str(build.provide()), *words],
            cwd=project, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert (done.returncode == 0) is succeeds, f"pulumi {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    return run


def values_of(path: Path) -> dict[str, str]:
    """The configuration as a program gets it: dev's, with what is in this stack file set in it."""
    base: dict[str, Any] = {key: _parsed(text) for key, text in read_stack("dev", ROOT).values.items()}
    for key, value in yaml.safe_load(path.read_text(encoding="utf-8"))["config"].items():
        base[key] = {**base.get(key, {}), **value}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in base.items()}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("flowise:database.postgres_version", "18"),
        ("flowise:tags.cost-center", "4711"),
        ("flowise:tags.temporary", "true"),
        ("flowise:tags.since", "2026"),
    ],
)
def test_the_command_of_an_error_sets_what_the_first_one_did_not(
    key: str, value: str, pulumi: Callable[..., str], tmp_path: Path
) -> None:
    """`config set --path` stores whole numbers, true and false as such; the settings answer with what stores text."""
    pulumi("stack", "init", "dev")
    pulumi("config", "set", "--path", key, value, "-s", "dev")
    file = tmp_path / "project" / "Pulumi.dev.yaml"
    with pytest.raises(SettingsError) as caught:
        parse_settings(values_of(file), set(), "dev")
    (command,) = re.findall(r"`pulumi (config set [^`]+)`", str(caught.value))
    pulumi(*shlex.split(command), "-s", "dev")
    parse_settings(values_of(file), set(), "dev")


@pytest.mark.parametrize(
    ("type_", "value", "stored"),
    [(None, "18", 18), (None, "true", True), (None, "99.9", "99.9"), (None, "1.30", "1.30"), (None, "text", "text"),
     ("string", "18", "18"), ("string", "true", "true"), ("int", "18", 18), ("float", "99.9", 99.9),
     ("bool", "true", True)],
)  # fmt: skip
def test_each_type_of_value_is_stored_as_the_messages_say(
    type_: str | None, value: str, stored: object, pulumi: Callable[..., str], tmp_path: Path
) -> None:
    pulumi("stack", "init", "dev")
    typed = ["--type", type_] if type_ else []
    pulumi("config", "set", "--path", *typed, "flowise:section.key", value, "-s", "dev")
    written = yaml.safe_load((tmp_path / "project" / "Pulumi.dev.yaml").read_text(encoding="utf-8"))
    found = written["config"]["flowise:section"]["key"]
    assert found == stored
    assert type(found) is type(stored)


def test_a_secret_is_never_written_in_clear(pulumi: Callable[..., str], tmp_path: Path) -> None:
    pulumi("stack", "init", "prod")
    pulumi("config", "set", "--secret", "flowise:oidc_client_secret", "in-clear-nowhere", "-s", "prod")
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"in-clear-nowhere" not in path.read_bytes(), path


def test_state_moves_and_is_recovered_as_the_pages_say(pulumi: Callable[..., str], tmp_path: Path) -> None:
    """docs/day-two.md (Move the state, Recover a lost state) as far as a backend goes."""
    pulumi("stack", "init", "prod")
    exported = tmp_path / "prod.json"
    pulumi("stack", "export", "-s", "prod", "--file", str(exported))
    state = json.loads(exported.read_text(encoding="utf-8"))
    urn = "urn:pulumi:prod::flowise::flowise:kept::files"
    state["deployment"]["resources"] = [{"urn": urn, "type": "flowise:kept", "custom": False, "protect": True}]
    exported.write_text(json.dumps(state), encoding="utf-8")
    pulumi("stack", "import", "-s", "prod", "--file", str(exported))
    assert urn in pulumi("stack", "--show-urns", "-s", "prod")
    pulumi("cancel", "--yes", "-s", "prod")
    pulumi("state", "repair", "-s", "prod", "--yes")
    pulumi("state", "unprotect", urn, "-s", "prod", "--yes")
    assert json.loads(pulumi("stack", "output", "--json", "-C", str(tmp_path / "project"), "-s", "prod")) == {}
    assert "still has resources" in pulumi("stack", "rm", "prod", "--yes", succeeds=False)
    pulumi("stack", "rm", "prod", "--force", "--preserve-config", "--yes")
    pulumi("stack", "init", "prod")


def test_a_stack_that_is_not_there_stops_a_preview_with_its_name(pulumi: Callable[..., str]) -> None:
    """Why the workflows leave out a stack whose roles are not told to GitHub."""
    said = pulumi("preview", "--non-interactive", "--stack", "prod", succeeds=False)
    assert "no stack named 'prod' found" in said

"""A reader who copies an example to the top level can plan, price, check, draw and deploy it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis import diagram
from analysis.cost.estimate import estimate
from analysis.cost.rules import is_unknown
from analysis.diagram.dot import dot_of
from analysis.diagram.model import Picture
from analysis.evaluation import evaluate_recording
from analysis.stackfiles import EXAMPLES, ROOT, example_names, read_stack
from local.__main__ import make_app
from settings import parse_settings
from tests.conftest import recorded
from tests.policies.test_rules import TODAY

KINDS = example_names()
FOR_WHOM = "# For "


@pytest.mark.parametrize("name", KINDS)
def test_the_policy_pack_finds_nothing(name: str) -> None:
    config = read_stack(name)
    parse_settings(config.values, config.secret_keys, name)
    found = evaluate_recording(recorded(name), config, TODAY).findings
    assert [f"{f.rule} {f.resource}: {f.message}" for f in found] == []


@pytest.mark.parametrize("name", KINDS)
def test_everything_has_a_price_or_is_free(name: str) -> None:
    recording = recorded(name)
    assert {record.type for record in recording.records if is_unknown(record)} == set()
    region = read_stack(name).values["aws:region"]
    assert estimate(recording, stack=name, region=region).total() > 0


@pytest.mark.parametrize("name", KINDS)
def test_it_is_planned(name: str) -> None:
    shown = CliRunner().invoke(make_app("plan"), ["plan", name], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert "FlowiseApp" in shown.stdout


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("picture", Picture)
def test_it_is_drawn(name: str, picture: Picture) -> None:
    drawn = dot_of(recorded(name), picture)
    assert drawn.startswith("digraph")
    assert "None" not in drawn


@pytest.mark.parametrize("name", ["trial", "team-a"])
def test_the_command_draws_it_beside_the_pictures_of_the_docs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stack of its own, and one that comes into the cluster of another; icons are left out."""
    monkeypatch.setattr(diagram, "OTHERS", tmp_path)
    monkeypatch.setattr(diagram, "ROOT", tmp_path)
    shown = CliRunner().invoke(make_app("diagram"), ["diagram", name, "--icons", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    pictures = {path.name: path for path in (tmp_path / name).glob("*.png")}
    assert pictures.keys() == {f"{picture}.png" for picture in Picture}
    for picture in Picture:
        assert diagram.drawn_from(pictures[f"{picture}.png"]) == diagram.digest(dot_of(recorded(name), picture))


def test_a_stack_without_a_file_is_not_drawn() -> None:
    shown = CliRunner().invoke(make_app("diagram"), ["diagram", "nowhere", "--icons", str(ROOT)])
    assert shown.exit_code == 1
    assert "nowhere" in shown.stderr


@pytest.mark.parametrize("name", KINDS)
def test_its_first_words_say_for_whom_it_is(name: str) -> None:
    lines = (ROOT / EXAMPLES / f"Pulumi.{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../docs/settings.schema.json"
    assert lines[1].startswith(FOR_WHOM)

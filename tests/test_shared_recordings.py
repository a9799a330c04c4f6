"""Recordings that test processes and runs share: found again for the same program, and for no other."""

from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from analysis.recorder import Created, Request
from analysis.rights.account import recorded_account
from analysis.synthetic import SyntheticProvider
from tests import conftest


def test_one_byte_of_the_program_or_of_its_requirements_moves_the_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "ROOT", tmp_path)
    (tmp_path / "components" / "app").mkdir(parents=True)
    folders = [folder()]
    for file in ("components/app/pods.py", "components/app/table.json", "settings.py", "requirements-dev.txt"):
        (tmp_path / file).write_text("one")
        folders.append(folder())
        (tmp_path / file).write_text("two")
        folders.append(folder())
    assert len(set(folders)) == len(folders)
    assert [each for each in folders if each.exists()] == [folders[-1]], "those of other programs are removed"
    assert folder() == folders[-1]
    (tmp_path / "components" / "__pycache__").mkdir()
    (tmp_path / "components" / "__pycache__" / "pods.pyc").write_text("byte code")
    assert folder() == folders[-1]


def folder() -> Path:
    return conftest.recordings_folder.__wrapped__()


def test_the_recording_that_is_found_is_the_one_that_was_made() -> None:
    stack = conftest.read_stack("dev")
    key = "a-test-of-its-own"
    (conftest.recordings_folder() / key).unlink(missing_ok=True)
    made = conftest.shared_on_disk(key, lambda: conftest.record_stack(stack))
    found = conftest.shared_on_disk(key, lambda: pytest.fail("it was there"))
    assert found == made
    assert found is not made


def test_a_changed_recording_is_known_when_it_is_no_longer_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[str] = []
    monkeypatch.setattr(conftest, "_recordings", {})
    monkeypatch.setattr(conftest, "_changed", changed)
    monkeypatch.setattr(conftest, "_IN_MEMORY", 1)
    conftest.recorded_with("dev", {})
    inputs: Any = conftest.recorded_with("dev", {}, preview=True).records[-1].inputs
    assert not changed, "the first has gone as it came"
    inputs["more"] = 1
    conftest.recorded_with("dev", {})
    assert len(changed) == 1


def test_what_another_cloud_answers_is_not_kept() -> None:
    class Counts(SyntheticProvider):
        made = 0

        @override
        def create(self, request: Request) -> Created:
            self.made += 1
            return super().create(request)

    first, second = Counts(), Counts()
    recorded_account(cloud=first)
    recorded_account(cloud=second)
    assert first.made == second.made > 0

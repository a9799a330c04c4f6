"""`make engine-mutations`: every mutation of the program makes the claim fail that is named beside it."""

from pathlib import Path

import pytest

from engine.proofs import Proof, life_cycle, with_settings
from engine.sandbox import find_project, sandbox
from engine.workspace import Project
from tests.engine.mutations import MUTATIONS, Mutation, copy_program

SETTINGS = {
    "observability.recipients": ["first@example.com", "second@example.com"],
    "cluster.admin_role_arns": [f"arn:aws:iam::123456789012:role/{name}" for name in ("first", "second")],
}
"""dev with more than one entry in each list whose order means nothing."""


def first_failure(project: Project) -> Proof | None:
    """The first claim that does not hold; the policy pack has mutations of its own (tests/policies/mutations/)."""
    with sandbox(moto=False) as box:
        return next((proof for proof in life_cycle(box, project, policies=False) if not proof.holds), None)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_is_caught(mutation: Mutation, tmp_path: Path) -> None:
    copy_program(tmp_path / "checkout")
    mutation.apply(tmp_path / "checkout")
    failed = first_failure(with_settings(find_project("dev", tmp_path / "checkout"), SETTINGS))
    assert failed is not None, f"no claim fails: {mutation.name}"
    assert failed.claim in {mutation.claim, mutation.race}, failed.detail


def test_the_program_itself_fails_no_claim(tmp_path: Path) -> None:
    copy_program(tmp_path / "checkout")
    assert first_failure(with_settings(find_project("dev", tmp_path / "checkout"), SETTINGS)) is None

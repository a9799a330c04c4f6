"""Every example runs on the local environment: the owner logs in, and a flow answers."""

from collections.abc import Iterator

import pytest

from analysis.stackfiles import example_names
from tests.e2e.conftest import LocalEnvironment, running


@pytest.fixture(params=example_names())
def example(request: pytest.FixtureRequest) -> Iterator[LocalEnvironment]:
    """Each example in turn."""
    yield from running(str(request.param))


def test_an_example_answers(example: LocalEnvironment) -> None:
    with example.login() as owner:
        assert owner.predict(owner.create_agent_flow("of an example"), "hi")

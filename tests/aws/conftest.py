"""Both stacks in moto, one after the other."""

from collections.abc import Iterator

import pytest

from analysis.stackfiles import read_stack
from tests.aws.environment import PROMISES, LocalEnvironment
from tests.aws_variants.made import made


@pytest.fixture(scope="package", params=PROMISES)
def local_env(request: pytest.FixtureRequest) -> Iterator[LocalEnvironment]:
    """Each stack alone in an account of its own; pytest runs all tests of one before it makes the other."""
    stack = str(request.param)
    with made(read_stack(stack), stack) as one:
        yield LocalEnvironment(stack=stack, promise=PROMISES[stack], recording=one.recording, cloud=one.cloud)

"""Both stacks in moto, one after the other."""

import gc
from collections.abc import Iterator

import pytest
from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from analysis.stackfiles import read_stack
from local.aws import MotoCloud
from tests.aws.environment import PROMISES, REGION, LocalEnvironment


@pytest.fixture(scope="package", params=PROMISES)
def local_env(request: pytest.FixtureRequest) -> Iterator[LocalEnvironment]:
    """Each stack alone in an account of its own; pytest runs all tests of one before it makes the other."""
    stack = str(request.param)
    config = read_stack(stack)
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        cloud = MotoCloud(REGION)
        gc.disable()  # it would walk the classes of two SDKs over and over, which takes longer than all tests
        try:
            recording = record(
                run_main,
                cloud,
                config=config.values,
                secret_keys=config.secret_keys,
                stack_name=stack,
                expansions=EXPANSIONS,
            )
        finally:
            gc.freeze()
            gc.enable()
        yield LocalEnvironment(stack=stack, promise=PROMISES[stack], recording=recording, cloud=cloud)

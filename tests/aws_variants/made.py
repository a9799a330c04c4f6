"""A stack in moto, with choices that dev and prod of this repository do not make."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import Recording, record
from analysis.remote import EXPANSIONS
from analysis.stackfiles import StackConfig
from local.aws import MotoCloud
from tests.aws.environment import REGION


@dataclass(frozen=True, kw_only=True)
class Made:
    """A stack in an AWS account of its own."""

    recording: Recording
    cloud: MotoCloud

    @property
    def client(self) -> Any:
        """Makes a client of boto3, by the name of a service."""
        return self.cloud.client


@contextmanager
def made(config: StackConfig, stack: str, region: str = REGION) -> Generator[Made]:
    """Make it, and forget it."""
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        cloud = MotoCloud(region)
        gc.disable()  # it would walk the classes of two SDKs over and over, which takes longer than all tests
        try:
            recording = record(
                run_main,
                cloud,
                config=config.values,
                secret_keys=config.secret_keys,
                stack_name=stack,
                expansions=EXPANSIONS,
                threads=False,  # moto answers at once
            )
        finally:
            gc.freeze()
            gc.enable()
        yield Made(recording=recording, cloud=cloud)

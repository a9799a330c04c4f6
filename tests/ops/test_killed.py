"""A run that is killed, on a bucket of a size that suits a unit test; tests/e2e has the large one."""

from pathlib import Path

from tests.ops.bucket_history import BucketHistory, light_listings
from tests.ops.killing import kill_and_go_on


def test_goes_on_after_being_killed_half_way(bucket: BucketHistory, tmp_path: Path) -> None:
    with light_listings(1000):
        kill_and_go_on(bucket, versions=1000, directory=tmp_path)

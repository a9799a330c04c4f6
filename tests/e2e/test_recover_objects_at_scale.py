"""`recover-objects` on 20,000 versions, killed half way: too slow for a unit test, which has a tenth of it."""

from pathlib import Path

import pytest
from moto import mock_aws

from tests.ops.bucket_history import BucketHistory, light_listings
from tests.ops.killing import kill_and_go_on


def test_goes_on_after_being_killed_half_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws(), light_listings(5000):
        kill_and_go_on(BucketHistory("flowise-files").make(), versions=20_000, directory=tmp_path)

"""What finished jobs take of Valkey's memory is bounded, whatever the load."""

from typing import Any

import pytest

from analysis.capacity.model import KEPT_ANSWERS, StackCapacity, limits
from components.queue import usable_memory_mib
from settings import SettingsError, parse_settings
from tests.conftest import edited, recorded, recorded_with

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


_LARGE_PODS = {
    f"app.{name}.{key}": mib
    for name in ("server", "worker")
    for key, mib in {"memory_mib": 4096, "heap_mib": 2048}.items()
}


def refusal(edits: dict[str, Any]) -> str:
    config = edited("prod", edits)
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "prod")
    return str(caught.value)


def test_few_jobs_are_kept_and_the_setting_decides() -> None:
    by_default = recorded("prod").only(CONFIG_MAP, "flowise").inputs["data"]
    assert (by_default["REMOVE_ON_COUNT"], by_default["REMOVE_ON_AGE"]) == ("5", "3600")
    chosen = recorded_with("prod", {"queue.kept_jobs": 4}).only(CONFIG_MAP, "flowise").inputs["data"]
    assert chosen["REMOVE_ON_COUNT"] == "4"


def test_the_answers_in_the_messages_are_counted_by_the_capacity_model() -> None:
    messages = recorded("prod").only(CONFIG_MAP, "flowise").inputs["data"]["QUEUE_REDIS_EVENT_STREAM_MAX_LEN"]
    assert int(messages) == 4 * KEPT_ANSWERS


@pytest.mark.parametrize(
    ("node_type", "mib"),
    [("cache.t4g.small", 1052), ("cache.m7g.large", 4900), ("cache.m7g.2xlarge", 19600), ("cache.r7g.xlarge", 20076)],
)
def test_a_quarter_of_a_node_is_reserved(node_type: str, mib: int) -> None:
    assert usable_memory_mib(node_type) == pytest.approx(mib, abs=1)


@pytest.mark.parametrize(
    ("edits", "most"),
    [
        ({"queue.node_type": "cache.m7g.large", "queue.kept_jobs": 100}, "set it to 27, "),
        ({"queue.kept_jobs": 6}, "set it to 5, "),
        ({"queue.node_type": "cache.m7g.large", "app.file_size_limit_mib": 200, **_LARGE_PODS}, None),
        ({"queue.node_type": "cache.t4g.micro", "queue.kept_jobs": 5}, "set it to 2, "),
        ({"queue.node_type": "cache.t4g.micro", "app.file_size_limit_mib": 300}, "; lower app.file_size_limit_mib"),
    ],
)
def test_what_is_kept_must_fit_into_the_node(edits: dict[str, Any], most: str | None) -> None:
    if most is None:
        config = edited("prod", edits)
        assert parse_settings(config.values, config.secret_keys, "prod").queue
        return
    message = refusal(edits)
    assert "flowise:queue.kept_jobs: " in message
    assert most in message


def test_a_full_set_of_the_largest_jobs_leaves_the_alarm_silent() -> None:
    """100 predictions of any size leave at most the kept ones: what these take is below the alarm's 75 percent."""
    settings = parse_settings(edited("prod", {}).values, (), "prod")
    assert settings.queue
    largest_mib = settings.app.file_size_limit_mib * 4 / 3 + 1
    taken = min(100, 2 * settings.queue.kept_jobs) * largest_mib
    assert taken <= 0.75 * usable_memory_mib(settings.queue.node_type)


def test_capacity_counts_the_memory() -> None:
    def rate(cache: str, wait_seconds: float, kept_jobs: int = 5) -> float:
        shape = StackCapacity(
            servers=50,
            workers=50,
            concurrency=50,
            database="db.m7g.large",
            cache=cache,
            cpu_percent=60,
            kept_jobs=kept_jobs,
        )
        (limit,) = [each for each in limits(shape, wait_seconds) if each.part.startswith("memory of Valkey")]
        return limit.rate

    assert rate("cache.t4g.small", 60) < rate("cache.m7g.large", 60)
    assert rate("cache.t4g.small", 60) < rate("cache.t4g.small", 5)
    assert rate("cache.t4g.small", 5, kept_jobs=10_000) == 0

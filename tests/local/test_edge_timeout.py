"""The local edge ends what CloudFront would end, after the time that the program renders."""

from collections.abc import Callable

import httpx
import pytest

from local.edge import Edge, EdgeRoutes
from local.layout import StackLayout
from settings import parse_settings
from tests.conftest import edited, recorded, recorded_with
from tests.local.rig import Rig
from tests.local.test_edge import run, start
from tests.local.test_edge_rules import rendered
from tests.test_settings import broken, set_key

QUOTA = "edge.origin_read_timeout_quota_seconds"


def test_a_request_without_a_byte_gets_504_and_a_stream_goes_on(
    stack: StackLayout, make_rig: Callable[[], Rig]
) -> None:
    async def scenario(rig: Rig, edge: Edge) -> None:
        await start(rig)
        await edge.open(EdgeRoutes(read_timeout_seconds=1))
        await edge.wait()
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            assert (await client.get(f"{edge.url}/never")).status_code == 504
            assert (await client.get(f"{edge.url}/stream")).text == "first\nlast\n"

    run(stack, make_rig, scenario)


def test_the_time_is_the_one_that_is_rendered() -> None:
    assert rendered(recorded("dev")).read_timeout_seconds == 60
    assert rendered(recorded("prod")).read_timeout_seconds == 120
    raised = {"edge.origin_read_timeout_seconds": 170, QUOTA: 180}
    assert rendered(recorded_with("prod", raised)).read_timeout_seconds == 170


def test_more_than_the_quota_is_refused_with_the_way_to_raise_it() -> None:
    message = broken(set_key("edge.origin_read_timeout_seconds", 150))
    assert "more than AWS allows without a raised quota (120)" in message
    assert "origin_read_timeout_quota_seconds" in message


def test_a_raised_time_is_checked_against_the_load_balancers() -> None:
    def edit(document: dict[str, object]) -> None:
        set_key("edge.origin_read_timeout_seconds", 170)(document)
        set_key(QUOTA, 180)(document)
        set_key("load_balancer.idle_timeout_seconds", 160)(document)

    assert "load_balancer.idle_timeout_seconds: 160 must be at least" in broken(edit)


@pytest.mark.parametrize(("path", "value"), [("edge.origin_read_timeout_seconds", 181), (QUOTA, 181)])
def test_awss_maximum_is_the_end(path: str, value: int) -> None:
    assert "less than or equal to 180" in broken(set_key(path, value))


def test_a_quota_alone_changes_nothing() -> None:
    config = edited("prod", {QUOTA: 180})
    assert parse_settings(config.values, config.secret_keys, "prod").edge.origin_read_timeout_seconds == 120

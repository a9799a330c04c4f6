"""The planes of the edge against the code of the Flowise that is installed."""

import httpx

from components.common.planes import UNAUTHENTICATED
from delivery.image_fit import known_migrations, migrations, unauthenticated_paths
from tests.e2e.conftest import OUTSIDER, LocalEnvironment


def test_every_path_that_flowise_leaves_open_has_a_plane(local_env: LocalEnvironment) -> None:
    """A new version of Flowise that opens or closes a path needs a decision about its plane."""
    code = local_env.checkout / ".local" / "image" / "node_modules" / "flowise" / "dist"
    assert unauthenticated_paths(code) == set(UNAUTHENTICATED)


def test_the_migrations_that_a_fork_is_compared_with_are_flowises(local_env: LocalEnvironment) -> None:
    code = local_env.checkout / ".local" / "image" / "node_modules" / "flowise" / "dist"
    assert migrations(code) == known_migrations()


def test_a_shared_execution_is_read_by_a_stranger_and_no_other(local_env: LocalEnvironment) -> None:
    with local_env.login() as owner:
        flow = owner.create_agent_flow("shared")
        owner.predict(flow, "what was asked")
        (execution,) = owner.list_executions(flow)
        before = _as_stranger(local_env, f"/api/v1/public-executions/{execution}")
        owner.share_execution(execution)
    page = _as_stranger(local_env, f"/execution/{execution}")
    data = _as_stranger(local_env, f"/api/v1/public-executions/{execution}")
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert "what was asked" not in before.text
    assert (data.status_code, "what was asked" in data.text) == (200, True)
    for closed in ("/executions", "/api/v1/public-executions", "/api/v1/executions", f"/api/v1/executions/{execution}"):
        assert _as_stranger(local_env, closed).status_code == 403, closed


def _as_stranger(local_env: LocalEnvironment, path: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(local_address=OUTSIDER), trust_env=False, timeout=30) as client:
        return client.get(f"http://127.0.0.1:{local_env.port}{path}")

"""The planes of the edge against the code of the Flowise that is installed."""

import re

import httpx

from components.common.planes import UNAUTHENTICATED
from tests.e2e.conftest import STRANGER, Estate


def test_every_path_that_flowise_leaves_open_has_a_plane(estate: Estate) -> None:
    """A new version of Flowise that opens or closes a path needs a decision about its plane."""
    code = estate.checkout / ".local" / "image" / "node_modules" / "flowise" / "dist"
    constants = (code / "utils" / "constants.js").read_text()
    entries = re.search(r"exports\.WHITELIST_URLS = \[(.*?)\];", constants, re.DOTALL)
    assert entries, "Flowise keeps its list somewhere else now: find it, then compare it with the planes"
    paths = set(re.findall(r"'(/[^']*)'", entries[1]))
    for provider, name in re.findall(r"(\w+)_1\.default\.(\w+_URI)", entries[1]):
        source = (code / "enterprise" / "sso" / f"{provider}.js").read_text()
        (path,) = re.findall(rf"^{provider}\.{name} = '([^']+)'", source, re.MULTILINE)
        paths.add(path)
    assert paths == set(UNAUTHENTICATED)


def test_a_shared_execution_is_read_by_a_stranger_and_no_other(estate: Estate) -> None:
    with estate.login() as owner:
        flow = owner.create_agent_flow("shared")
        owner.predict(flow, "what was asked")
        (execution,) = owner.list_executions(flow)
        before = _as_stranger(estate, f"/api/v1/public-executions/{execution}")
        owner.share_execution(execution)
    page = _as_stranger(estate, f"/execution/{execution}")
    data = _as_stranger(estate, f"/api/v1/public-executions/{execution}")
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert "what was asked" not in before.text
    assert (data.status_code, "what was asked" in data.text) == (200, True)
    for closed in ("/executions", "/api/v1/public-executions", "/api/v1/executions", f"/api/v1/executions/{execution}"):
        assert _as_stranger(estate, closed).status_code == 403, closed


def _as_stranger(estate: Estate, path: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(local_address=STRANGER), trust_env=False, timeout=30) as client:
        return client.get(f"http://127.0.0.1:{estate.port}{path}")

"""Every path of the public plane: who decides whether an outsider may use it."""

from typing import Final

import pytest

from analysis.stackfiles import ROOT
from components.common.planes import UNAUTHENTICATED

GUARD_TESTS: Final = (ROOT / "image" / "test" / "tree" / "guards.test.cjs").read_text(encoding="utf-8")
PUBLIC: Final = sorted(path for path, plane in UNAUTHENTICATED.items() if plane == "public")
FLOWISES_RULE: Final = {
    "/api/v1/prediction/": "the flow's API key, where it has one (docs/security.md)",
    "/api/v1/webhook/": "the same key, and the webhook's secret",
    "/api/v1/mcp/": "the token of the flow's MCP server",
    "/api/v1/public-executions": "only what somebody has shared (docs/decisions/0053-shared-executions.md)",
}
"""Paths on which Flowise itself asks whose flow it is."""
NOTHING_THERE: Final = {"/api/v1/node-icon/", "/api/v1/ping", "/api/v1/settings"}
"""Paths that reach no flow, no credential and no file of anybody."""


@pytest.mark.parametrize("path", PUBLIC)
def test_a_stranger_passes_only_where_somebody_has_decided(path: str) -> None:
    """Whatever is neither Flowise's own rule nor harmless is tried by the tests of the guards on the installed code."""
    tried = f"{path.removeprefix('/api/v1').rstrip('/')}" in GUARD_TESTS
    assert [path in FLOWISES_RULE, path in NOTHING_THERE, tried].count(True) == 1, path

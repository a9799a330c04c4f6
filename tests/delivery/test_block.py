"""`make stack-block`, and the page that uses it: a stack's own boundary and roles, and when its API is closed."""

import io
import json
import re
from typing import Final

import pytest
import yaml

from analysis.stackfiles import override, read_stack
from delivery.block import block, main
from pages.site import markdown_pages as pages
from settings import parse_settings
from tests.bootstrap.account import with_actions
from tests.delivery.test_first_deployment import PAGE

STEP_6, STEP_7 = (
    section
    for section in re.split(r"^## (?=\d+\. )", pages.read(PAGE), flags=re.MULTILINE)
    if section.startswith(("6.", "7."))
)
_OPEN: Final = re.compile(r"api_client_(security_group_ids|cidrs): \[\S")
_CLOSED: Final = re.compile(r"`?public_access_cidrs: \[\]")
_DEPLOYED: Final = re.compile(r"pulumi up -s dev")


def printed(stack: str) -> str:
    return "\n".join(block(with_actions().exports, stack)) + "\n"


@pytest.mark.parametrize(("stack", "other"), [("dev", "prod"), ("prod", "dev")])
def test_a_stack_gets_its_own_boundary_and_roles(stack: str, other: str) -> None:
    text = printed(stack)
    assert f"-{other}" not in text
    given = yaml.safe_load(text)
    exports = with_actions().exports
    changes = [
        f"permissions_boundary_arn={given['flowise:permissions_boundary_arn']}",
        *(f"cluster.{key}={json.dumps(value)}" for key, value in given["flowise:cluster"].items()),
    ]
    config = override(read_stack(stack), changes)
    settings = parse_settings(config.values, config.secret_keys, stack)
    assert settings.permissions_boundary_arn == exports["permissions_boundary_arns"][stack]
    assert settings.cluster.admin_role_arns == [exports["deploy_role_arns"][stack]]
    assert settings.cluster.preview_role_arns == [exports["preview_role_arns"][stack], exports["drift_role_arn"]]


def test_a_stack_that_bootstrap_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(with_actions().exports)))
    monkeypatch.setattr("sys.argv", ["block", "staging"])
    with pytest.raises(SystemExit, match=r"no stack staging; it has dev, prod.*Pulumi\.account\.yaml"):
        main()


def test_the_page_shows_what_the_command_prints() -> None:
    assert "$ make stack-block STACK=dev" in STEP_6
    assert printed("dev") in STEP_6
    assert "`make stack-block STACK=prod`" in STEP_7


def test_closing_the_api_is_an_update_of_its_own_from_inside() -> None:
    """The update that admits the workflows' roles still comes from outside, as does the one that opens an entry."""
    closing = _CLOSED.search(STEP_6)
    opening = _OPEN.search(STEP_6)
    assert closing
    assert opening
    roles = STEP_6.index("admin_role_arns")
    assert roles < opening.start() < closing.start()
    deployed = [found.start() for found in _DEPLOYED.finditer(STEP_6)]
    assert any(roles < each < opening.start() for each in deployed), "the roles are admitted by an update of its own"
    between = STEP_6[opening.start() : closing.start()]
    before = STEP_6[STEP_6.rindex("```yaml", 0, opening.start()) - 800 : opening.start()]
    assert "pulumi up -s dev" in between + before, "whoever closes the API is admitted by an update before"
    assert re.search(r"pulumi up -s dev`?\s+\*\*from inside\*\*", STEP_6[closing.start() :])
    assert re.search(r"update\s+of\s+its\s+own\s+from\s+inside", STEP_7)

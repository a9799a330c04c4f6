"""Keys that have another name now: a stack file with the old name deploys as before for one release, with a warning."""

import pulumi
import pytest

from analysis import plan, recorder
from settings import SettingsError, parse_settings
from tests.components.test_observability import CANARY
from tests.conftest import edited

LOGS_IN = {**CANARY, "login_email": "canary@example.com"}
OLD = {"observability.check": LOGS_IN, "app.longest_request_seconds": 90}
NEW = {"observability.canary": LOGS_IN, "app.drain_timeout_seconds": 90}


def test_old_names_make_what_the_new_ones_make(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    monkeypatch.setattr(plan, "record", recorder.record)  # one that is kept from an earlier run warns nobody
    old = plan.record_stack(edited("dev", OLD, {"check_password": "a-password"}))
    assert [line.split(" now; rename it: ")[0] for line in warnings] == [
        "flowise:check_password is called flowise:canary_password",
        "flowise:app.longest_request_seconds is called flowise:app.drain_timeout_seconds",
        "flowise:observability.check is called flowise:observability.canary",
    ]
    warnings.clear()
    new = plan.record_stack(edited("dev", NEW, {"canary_password": "a-password"}))
    assert warnings == []
    assert {r.urn: r.inputs for r in old.records} == {r.urn: r.inputs for r in new.records}


def test_both_names_are_refused_together() -> None:
    config = edited("prod", {**OLD, **NEW})
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "prod")
    assert "flowise:observability.check: there is no such key" in str(caught.value)
    assert "flowise:app.longest_request_seconds: there is no such key" in str(caught.value)


def test_an_old_secret_in_clear_is_refused_under_the_new_name() -> None:
    config = edited("prod", NEW)
    values = {**config.values, "flowise:check_password": "a-password"}
    with pytest.raises(SettingsError, match="flowise:canary_password: is stored as plain text"):
        parse_settings(values, config.secret_keys, "prod")

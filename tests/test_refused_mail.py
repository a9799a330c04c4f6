"""Mail that could not be sent is refused before anything is made."""

from typing import Any

import pytest

from settings import SettingsError, parse_settings
from tests.conftest import edited
from tests.test_settings import INGRESS

SMTP = {"host": "mail.example.com", "user": "flowise", "sender": "flowise@example.com"}


def refusal(stack: str, edits: dict[str, Any]) -> str:
    config = edited(stack, edits, {"smtp_password": "hunter2-hunter2"})
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, stack)
    return str(caught.value)


def accepted(stack: str, edits: dict[str, Any]) -> None:
    config = edited(stack, edits, {"smtp_password": "hunter2-hunter2"})
    assert parse_settings(config.values, config.secret_keys, stack).app.smtp


def test_mail_needs_an_address_of_its_own() -> None:
    message = refusal("dev", {"app.smtp": SMTP})
    assert "flowise:app.smtp: without a name of its own" in message
    assert "Add a flowise:domain section, or remove app.smtp" in message


@pytest.mark.parametrize(
    "edits",
    [{"domain": {"name": "ai.example.com", "hosted_zone_id": "Z0123456789"}}, {"ingress": INGRESS, "edge": None}],
)
def test_a_domain_or_an_ingress_gives_the_address(edits: dict[str, Any]) -> None:
    accepted("dev", {"app.smtp": SMTP, **edits})


def test_a_domain_that_is_wrong_itself_is_the_only_mistake() -> None:
    message = refusal("dev", {"app.smtp": SMTP, "domain": {"name": "x"}})
    assert "app.smtp" not in message


def test_a_relay_by_its_private_address_needs_its_network() -> None:
    assert "set private_cidr to 10.99.7.3/32 too" in refusal("prod", {"app.smtp": SMTP | {"host": "10.99.7.3"}})
    outside = SMTP | {"host": "10.99.7.3", "private_cidr": "10.98.0.0/24"}
    assert "10.99.7.3 lies outside of private_cidr 10.98.0.0/24" in refusal("prod", {"app.smtp": outside})
    accepted("prod", {"app.smtp": SMTP | {"host": "10.99.7.3", "private_cidr": "10.99.7.3/32"}})


def test_a_relay_is_not_the_metadata_service() -> None:
    assert "metadata address" in refusal("prod", {"app.smtp": SMTP | {"private_cidr": "169.254.0.0/16"}})

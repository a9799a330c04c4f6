"""Certificate authorities in a stack file that no TLS library could use."""

import base64
import time

import pytest
import trustme

from components.common import authorities
from settings import StackSettings, parse_settings
from tests.conftest import edited
from tests.test_settings import broken, set_key

CA = trustme.CA(organization_name="Example company")
PEM = CA.cert_pem.bytes().decode()
OTHER = trustme.CA(organization_name="Second company").cert_pem.bytes().decode()
LEAF = CA.issue_cert("internal.example.com").cert_chain_pems[0].bytes().decode()
KEY = CA.private_key_pem.bytes().decode()
BODY = "".join(PEM.strip().splitlines()[1:-1])
REFUSED: dict[str, tuple[str, str]] = {
    "no certificate": ("/etc/ssl/certs/company.pem", "there is no certificate; the text of a PEM file is needed"),
    "DER": (base64.b64encode(base64.b64decode(BODY)).decode(), "there is no certificate"),
    "a private key": (PEM + KEY, "treat that key as leaked"),
    "a server's": (PEM + LEAF, "certificate 2 is of a server, not of an authority"),
    "cut off": (
        "".join(line for line in PEM.splitlines(keepends=True) if line.strip() != PEM.splitlines()[4]),
        "certificate 1 cannot be read",
    ),
    "without its end": (PEM.replace("-----END CERTIFICATE-----", ""), "a block has no end"),
    "on one line": (PEM.replace("\n", ""), "a block has no end, or stands on one line"),
    "a request": (PEM.replace("CERTIFICATE", "CERTIFICATE REQUEST"), "block 1 is a CERTIFICATE REQUEST"),
    "too many": (PEM * 200, "are too many, at most 65,536"),
}


def settings_with(text: str) -> StackSettings:
    """Settings of prod with these authorities."""
    config = edited("prod", {"app.certificate_authorities": text})
    return parse_settings(config.values, config.secret_keys, "prod")


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_with_a_pem_is_said_and_none_of_it_shown(text: str, says: str) -> None:
    message = broken(set_key("app.certificate_authorities", text))
    assert "flowise:app.certificate_authorities: " in message
    assert says in message
    assert "nothing has been made" in message
    assert not any(line in message for line in KEY.splitlines()[1:-1])


def test_an_expired_authority_is_named_with_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorities.time, "time", lambda: time.mktime((4000, 1, 1, 0, 0, 0, 0, 0, 0)))
    message = broken(set_key("app.certificate_authorities", OTHER))
    assert "certificate 1 (Second company" in message
    assert ") expired on 3000-01-01" in message


def test_several_authorities_are_taken_and_what_stands_between_them_is_left_out() -> None:
    text = f"subject=O = Example company\n{PEM}\n\nBag Attributes\n{OTHER}"
    app = settings_with(text).app
    assert app.certificate_authorities is not None
    assert app.certificate_authorities.split() == (PEM + OTHER).split()

"""Web origins that could never match are refused with the spelling that does."""

from typing import Any

import pytest

from settings import parse_settings
from tests.conftest import edited
from tests.test_settings import broken, set_key

BOTH = ("app.cors_origins", "app.iframe_origins")
MISSPELT = {
    "https://www.example.com/": "https://www.example.com?",
    "shop.example.com": "https://shop.example.com?",
    "https://Shop.example.com": "https://shop.example.com?",
    "https://shop.example.com:443": "https://shop.example.com?",
    "http://shop.example.com:80": "http://shop.example.com?",
    "https://shop.example.com/app?x=1": "https://shop.example.com?",
    " https://shop.example.com": "https://shop.example.com?",
    "https://user@shop.example.com": "https://shop.example.com?",
    "https://bücher.example": "https://xn--bcher-kva.example?",
    "shop.example.com:8443": "https://shop.example.com:8443?",
}
RIGHT = (
    "https://www.example.com",
    "http://localhost:5173",
    "https://shop.example.com:8443",
    "http://127.0.0.1",
    "https://intranet",
)


def refusal(path: str, value: Any) -> str:
    (line,) = [line for line in broken(set_key(path, value)).splitlines() if line.startswith("  - ")]
    assert line.startswith(f"  - flowise:{path}"), line
    return line


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize("origin", MISSPELT)
def test_an_origin_that_no_browser_sends_is_answered_with_the_right_one(path: str, origin: str) -> None:
    line = refusal(path, [origin])
    assert line.startswith(f"  - flowise:{path}.0: {origin} is not how a browser names")
    assert f"did you mean {MISSPELT[origin]}" in line


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize(
    "origin", ["ftp://example.com", "https://", "https://a b", "https://x:y", "chrome-extension://abc"]
)
def test_what_is_no_web_origin_is_refused_without_a_guess(path: str, origin: str) -> None:
    line = refusal(path, [origin])
    assert "such as https://www.example.com" in line
    assert "did you mean" not in line


@pytest.mark.parametrize("path", BOTH)
def test_origins_as_browsers_write_them_pass(path: str) -> None:
    for value in ([*RIGHT], ["*"], []):
        config = edited("prod", {path: value})
        app = parse_settings(config.values, config.secret_keys, "prod").app
        assert getattr(app, path.removeprefix("app.")) == value


def test_wildcards_match_in_frames_only() -> None:
    assert "Flowise does not compare" in refusal("app.cors_origins", ["https://*.example.com"])
    config = edited("prod", {"app.iframe_origins": ["https://*.example.com", "'self'"]})
    assert parse_settings(config.values, config.secret_keys, "prod").app.iframe_origins[0] == "https://*.example.com"
    assert "did you mean https://example.com?" in refusal("app.iframe_origins", ["https://*.example.com/"])


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("app.cors_origins", ["null"], "Flowise refuses it"),
        ("app.cors_origins", ["*", "https://a.example"], "* stands beside others"),
        ("app.iframe_origins", ["'none'", "https://a.example"], "'none' stands beside others"),
        ("app.iframe_origins", ["self"], "write \"'self'\""),
    ],
)
def test_words_that_mean_something_else_are_refused(path: str, value: list[str], says: str) -> None:
    assert says in refusal(path, value)

"""Web origins as browsers write them: scheme, host and, where it is not the scheme's own, port.

Flowise 3.1.4 compares the `Origin` header with its list letter by letter (`server/dist/utils/XSS.js`), so any other
spelling never matches.
"""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from components.common.model import AS_A_SET

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ANY_SUBDOMAIN: Final = "*."
_ANY: Final = "*"


def cors_origin(text: str) -> str:
    """Refuse what no browser sends as the origin of a page."""
    if text == _ANY:
        return text
    if text == "null":
        raise ValueError("null is what pages without an origin send, and Flowise refuses it; serve the page by HTTPS")
    if _ANY_SUBDOMAIN in text:
        raise ValueError(f"{text} has a wildcard, which Flowise does not compare; name every origin, or * for all")
    return _checked(text)


def frame_origin(text: str) -> str:
    """Refuse what Content Security Policy does not take in `frame-ancestors` (W3C, CSP Level 3)."""
    if text in {_ANY, "'self'", "'none'"}:
        return text
    if text in {"self", "none"}:
        raise ValueError(f"{text} is a host's name without its quotation marks; write \"'{text}'\"")
    scheme, separator, host = text.partition(f"//{_ANY_SUBDOMAIN}")
    return text if separator and _checked(f"{scheme}//{host}") else _checked(text)


def alone(origins: list[str]) -> list[str]:
    """`*` and `'none'` mean what they say only when nothing stands beside them."""
    for single in (_ANY, "'none'"):
        if single in origins and len(origins) > 1:
            raise ValueError(f"{single} stands beside others, and then matches nothing; leave it alone, or remove it")
    return origins


def _checked(text: str) -> str:
    right = _as_browsers_write_it(text)
    if right == text:
        return text
    hint = f"; did you mean {right}?" if right else ""
    raise ValueError(
        f"{text} is not how a browser names the origin of a page: scheme and host, in lower case, a port only where it "
        f"is not the scheme's own, no path and no slash at the end, such as https://www.example.com{hint}"
    )


def _as_browsers_write_it(text: str) -> str | None:
    """RFC 6454, section 6.2, "ASCII Serialization of an Origin"; None where there is no origin to see."""
    url = text.strip()
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, _DEFAULT_PORTS[parts.scheme]} else "")


_EXAMPLE: Final = Field(examples=["https://www.example.com"])
CorsOrigins = Annotated[list[Annotated[str, AfterValidator(cors_origin), _EXAMPLE]], AfterValidator(alone), AS_A_SET]
"""Origins of pages that call the API from a browser."""
FrameOrigins = Annotated[list[Annotated[str, AfterValidator(frame_origin), _EXAMPLE]], AfterValidator(alone), AS_A_SET]
"""Origins of pages that show Flowise in a frame."""

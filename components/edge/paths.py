"""How the firewall and CloudFront tell paths apart; which plane a path belongs to is in `components.common.planes`."""

from typing import Final

from components.common.planes import Planes

STATIC_PATH: Final = "/assets/*"
"""The bundle of the UI; every file name holds a hash of its content."""

_ONE_BY_ID = "public-executions"
"""Without an id Flowise 3.1.4 answers with any execution that somebody has shared (services/executions)."""

_API = "/api/v1/"
_LONGEST_PATTERN = 200
"""Characters that AWS WAF allows in one pattern of a set."""


def public_patterns(planes: Planes) -> list[str]:
    """Regular expressions for the public plane, as few and as long as AWS WAF allows."""
    below = [path.removeprefix(_API) for path in planes.public if path.startswith(_API)]
    ends = [f"{path}/[0-9a-f]" if path == _ONE_BY_ID else path for path in below]
    others = [path.removeprefix("/") for path in (*planes.public, *planes.pages) if not path.startswith(_API)]
    return [*_grouped(f"^{_API}", ends), *_grouped("^/", others)]


def sign_in_patterns(planes: Planes) -> list[str]:
    """Regular expressions for the paths on which passwords can be guessed, as few as AWS WAF allows."""
    return _grouped("^", list(planes.sign_in))


def _grouped(start: str, ends: list[str]) -> list[str]:
    if not ends:
        return []  # an empty alternative would match every path
    patterns: list[str] = []
    group: list[str] = []
    for end in ends:
        if len(_pattern(start, [*group, end])) > _LONGEST_PATTERN:
            patterns.append(_pattern(start, group))
            group = []
        group.append(end)
    return [*patterns, _pattern(start, group)]


def _pattern(start: str, ends: list[str]) -> str:
    return f"{start}({'|'.join(end.replace('.', '[.]') for end in ends)})"

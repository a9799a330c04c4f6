"""The page *Is this for you?* names settings that exist, and every example."""

import json
import re
from typing import Any, cast

from analysis.stackfiles import EXAMPLES, ROOT, example_names

PAGE = (ROOT / "docs" / "is-this-for-you.md").read_text(encoding="utf-8")
SCHEMA = cast("dict[str, Any]", json.loads((ROOT / "docs" / "settings.schema.json").read_text(encoding="utf-8")))
ROW = re.compile(r"^\| (?P<need>[^|]+) \| (?P<answer>[^|]+) \| (?P<how>[^|]+) \|$", re.MULTILINE)
SETTING = re.compile(r"`(?:flowise:)?(?P<section>[a-z_]+)(?P<path>(?:\.[a-z_]+)+)`|`flowise:(?P<alone>[a-z_]+)`")


def rows() -> list[dict[str, str]]:
    """Needs with their answers, without the tables' heads."""
    found = [match.groupdict() for match in ROW.finditer(PAGE)]
    return [row for row in found if row["need"] != "You want" and not row["need"].startswith("---")]


def known(section: str, path: list[str]) -> bool:
    """Whether a stack file may hold the key."""
    keys = cast("dict[str, Any]", SCHEMA["properties"]["config"]["properties"])
    places = [keys[f"flowise:{section}"]] if f"flowise:{section}" in keys else []
    for name in path:
        places = [place["properties"][name] for place in map(resolved, spread(places)) if name in _names(place)]
    return bool(places)


def spread(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Places and their alternatives."""
    return [each for place in places for each in (place, *place.get("anyOf", []))]


def resolved(place: dict[str, Any]) -> dict[str, Any]:
    """The definition that a place refers to."""
    return SCHEMA["$defs"][place["$ref"].rsplit("/", 1)[1]] if "$ref" in place else place


def _names(place: dict[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", place.get("properties", {}))


def test_every_need_has_an_answer_and_a_way() -> None:
    needs = [row for row in rows() if row["answer"] in {"yes", "in part", "no"}]
    assert len(needs) >= 20
    assert all(len(row["how"]) > 20 for row in needs)


def test_every_setting_on_the_page_exists() -> None:
    named = [
        (match["alone"] or match["section"], (match["path"] or "").split(".")[1:]) for match in SETTING.finditer(PAGE)
    ]
    assert len(named) > 15
    assert [(section, path) for section, path in named if not known(section, path)] == []
    assert not known("app", ["no_such_key"])


def test_every_example_is_on_the_page() -> None:
    linked = set(re.findall(rf"\(\.\./{EXAMPLES}/Pulumi\.([\w-]+)\.yaml\)", PAGE))
    assert linked == set(example_names())

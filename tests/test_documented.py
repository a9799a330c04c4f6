"""The texts below settings are what their JSON Schema says of them."""

from components.common.documented import Documented, descriptions


class Inner(Documented):
    """What is inside."""

    size: int = 1
    """How large it is,

    at the most."""
    plain: int = 2


class Outer(Inner):
    """All of it."""

    first: Inner = Inner()
    """The first one."""
    same: Inner = Inner()
    """What is inside."""
    maybe: Inner | None = None
    """One that may be missing."""


def test_a_field_is_described_by_the_text_below_it_in_its_own_class_or_a_parents() -> None:
    assert descriptions(Inner) == {"size": "How large it is,\n\nat the most."}
    assert descriptions(Outer) == {
        "size": "How large it is,\n\nat the most.",
        "first": "The first one.",
        "same": "What is inside.",
        "maybe": "One that may be missing.",
    }


def test_the_schema_says_it_for_nested_models_too_and_never_twice() -> None:
    schema = Outer.model_json_schema()
    assert {name: node.get("description") for name, node in schema["properties"].items()} == {
        **dict.fromkeys(["plain", "same"]),
        "size": "How large it is,\n\nat the most.",
        "first": "The first one.",
        "maybe": "One that may be missing.",
    }
    inner = schema["$defs"]["Inner"]
    assert inner["description"] == "What is inside."
    assert inner["properties"]["size"]["description"] == "How large it is,\n\nat the most."
    assert "description" not in inner["properties"]["plain"]

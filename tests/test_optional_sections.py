"""Each section that a stack may leave out has one that tests, prices and pages take."""

from typing import ClassVar

import pytest

from analysis.optional_sections import left_out_by_prod, optional_sections, sections_of
from components.common.model import Locally, Settings, example
from settings import StackSettings, parse_settings
from tests.conftest import edited


class _Cellar(Settings):
    """A section without an example."""

    barrels: int


class _Attic(Settings):
    """A section with one, and with what becomes of it locally."""

    model_config = example(boxes=3)
    locally: ClassVar = Locally(note="there are no boxes here")
    boxes: int


class _Barn(Settings):
    """A section that does not say what becomes of it locally."""

    model_config = example(cows=3)
    cows: int


class _Farm(Settings):
    """A stack file with it."""

    barn: _Barn | None = None
    """Cows."""


class _Stack(Settings):
    """A stack file with both."""

    attic: _Attic | None = None
    """Boxes."""
    cellar: _Cellar | None = None
    """Barrels."""


def test_every_optional_section_is_there() -> None:
    entry_points = {"ingress", "internal"}
    sections = {name for name, field in StackSettings.model_fields.items() if field.default is None} - entry_points
    assert optional_sections().keys() == sections - {"permissions_boundary_arn"}
    assert {"runner", "retrieval"} <= left_out_by_prod().keys()


@pytest.mark.parametrize("name", left_out_by_prod())
def test_an_example_is_right_for_every_stack(name: str, stack: str) -> None:
    config = edited(stack, {name: left_out_by_prod()[name]})
    assert getattr(parse_settings(config.values, config.secret_keys, stack), name)


def test_prod_or_the_model_gives_the_section() -> None:
    assert dict(sections_of(_Stack, {"flowise:cellar": '{"barrels": 2}'})) == {
        "attic": {"boxes": 3},
        "cellar": {"barrels": 2},
    }


def test_a_section_without_an_example_is_refused_with_what_to_do() -> None:
    with pytest.raises(LookupError, match=r"flowise:cellar: prod leaves .* _Cellar .* add `model_config = example"):
        dict(sections_of(_Stack, {}))


def test_a_section_that_does_not_say_what_it_is_locally_is_refused() -> None:
    with pytest.raises(LookupError, match=r"flowise:barn: prod leaves .* _Barn .* add `locally: ClassVar = Locally"):
        dict(sections_of(_Farm, {}))
    assert dict(sections_of(_Farm, {"flowise:barn": '{"cows": 2}'})) == {"barn": {"cows": 2}}

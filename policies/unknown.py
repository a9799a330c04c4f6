"""Values that a preview cannot know, and what a rule makes of them: nothing.

`UNKNOWN` stands for such a value. A rule may ask whether a value `is UNKNOWN`; whatever else it does with one (compare
it, look into it, go through it) raises `Undecided`, which ends the rule for that resource without a finding. So no rule
can refuse what it does not know, also where its author did not think of a preview.
"""

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Final, NoReturn, Self, TypeVar, final

T = TypeVar("T")


class Undecided(Exception):  # noqa: N818  # no error: what a preview cannot say yet
    """A rule has met a value that is not known yet."""


@final
class Unknown:
    """A value that a preview cannot know."""

    def _undecided(self, *_: object) -> NoReturn:
        raise Undecided

    __bool__ = __contains__ = __len__ = __getitem__ = _undecided
    __lt__ = __le__ = __gt__ = __ge__ = _undecided

    def __iter__(self) -> Iterator[object]:
        raise Undecided

    def __eq__(self, _other: object) -> bool:
        raise Undecided

    def __ne__(self, _other: object) -> bool:
        raise Undecided

    def __hash__(self) -> int:
        raise Undecided

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Undecided

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __reduce__(self) -> str:
        return "UNKNOWN"

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()

_met: ContextVar[bool] = ContextVar("met an unknown value", default=False)


def noted(value: object) -> bool:
    """Whether a value is unknown; the evaluation that runs remembers it."""
    if value is UNKNOWN:
        _met.set(True)
    return value is UNKNOWN


def decide(found: Iterable[T]) -> tuple[list[T], bool]:
    """Take what a rule finds, and whether a value that is not known yet could make it find something else."""
    token = _met.set(False)
    taken: list[T] = []
    try:
        taken.extend(iter(found))
    except Undecided:
        return taken, True
    else:
        return taken, _met.get()
    finally:
        _met.reset(token)


def those(candidates: Iterable[T], test: Callable[[T], bool]) -> list[T]:
    """Candidates that pass a test. Raises `Undecided` when none is known to pass and one may."""
    passing: list[T] = []
    open_ = False
    for candidate in candidates:
        try:
            if test(candidate):
                passing.append(candidate)
        except Undecided:
            open_ = noted(UNKNOWN)
    if open_ and not passing:
        raise Undecided
    return passing

"""`__main__.py` is a contents page: short, and each component's arguments stand where the component is created."""

import ast
from pathlib import Path

PAGE = Path(__file__).parents[1] / "__main__.py"
LINES_FOR_EACH, LINES_BESIDE = 5, 25
"""Import, arguments and creation of a component; what the stack exports, and what is asked before."""


def test_it_is_short() -> None:
    """It may grow by a component, and not by what the component does."""
    made = {name.removesuffix("Args") for name in _read(ast.parse(PAGE.read_text())) if name.endswith("Args")}
    assert len(PAGE.read_text().splitlines()) <= LINES_BESIDE + LINES_FOR_EACH * len(made)


def test_arguments_are_built_where_they_are_used() -> None:
    """A variable that ends in `_args` is assigned by the statement right before the one that uses it, and once."""
    statements = _statements(ast.parse(PAGE.read_text()).body)
    for number, statement in enumerate(statements):
        for name in _assigned(statement):
            if name.endswith("_args"):
                users = [n for n, other in enumerate(statements) if n != number and name in _read(other)]
                assert users == [number + 1], name


def test_arguments_are_named_for_what_they_are() -> None:
    """Only a variable that holds arguments of a component ends in `_args`, and each of these does."""
    for statement in _statements(ast.parse(PAGE.read_text()).body):
        for name in _assigned(statement):
            assert isinstance(statement, ast.Assign)
            made = _result(statement.value)
            assert name.endswith("_args") == made.endswith("Args"), name


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in body:
        found += _statements(statement.body) if isinstance(statement, ast.If) else [statement]
    return found


def _assigned(statement: ast.stmt) -> list[str]:
    if not isinstance(statement, ast.Assign):
        return []
    return [target.id for target in statement.targets if isinstance(target, ast.Name)]


def _read(statement: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _result(value: ast.expr) -> str:
    """Name of the class that an expression such as `wanted and Database(...)` makes, or nothing."""
    while isinstance(value, ast.BoolOp):
        value = value.values[-1]
    return value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""

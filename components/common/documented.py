"""What a setting means, from the text below its attribute.

Pydantic can read these texts too (`use_attribute_docstrings`), but does it while each class is made, and that takes as
long as a quarter of a plan. Only the reference and its tests ask, so here a file is read when somebody does.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Documented(BaseModel):
    """A model whose JSON Schema describes each field by the text below it."""

    @classmethod
    def __get_pydantic_json_schema__(  # pyright: ignore[reportImplicitOverride]
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties: dict[str, Any] = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in descriptions(cls).items():
            if handler.resolve_ref_schema(properties[name]).get("description") != text:  # or both say the same
                properties[name].setdefault("description", text)
        return schema


def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """The text below each field of a model; a field without one is left out."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if issubclass(parent, Documented) and parent is not Documented:
            found |= _of_file(inspect.getfile(parent)).get(parent.__qualname__, {})
    return {name: found[name] for name in model.model_fields if name in found}


@cache
def _of_file(path: str) -> Mapping[str, Mapping[str, str]]:
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return {node.name: dict(_of_body(node.body)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _of_body(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, after in pairwise(body):
        match statement, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
            case _:
                pass

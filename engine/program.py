"""The programs of this repository (or of another checkout of it) as the engine's language host runs them."""

import gc
import importlib
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

import pulumi

from analysis.stackfiles import ROOT

_OWN: Final = ("settings", "cross_checks", "renamed_keys", "components", "policies", "bootstrap")
"""Modules of a program: two checkouts have both."""
_imported: Final[dict[Path, dict[str, ModuleType]]] = {}
"""Those of each program that has run. They decide nothing about a stack while they are imported."""


def program(directory: Path = ROOT, transformation: pulumi.ResourceTransformation | None = None) -> Callable[[], None]:
    """The program whose `__main__.py` is in `directory`, with a transformation or none.

    Its modules are imported once: files must not change between two runs.
    """

    def run() -> None:
        if transformation:
            pulumi.runtime.register_stack_transformation(transformation)
        kept = _taken_out()
        sys.modules.update(_imported.get(directory, {}))
        path = list(sys.path)
        sys.path.insert(0, str(directory))
        importlib.invalidate_caches()
        # Python 3.11 fails with "AST constructor recursion depth mismatch" when a finalizer runs within `ast.parse`
        # (cpython issue 106905), by which pydantic reads docstrings; an interrupted run leaves objects that have one.
        gc.collect()
        # What is left outlives the run, above all the SDKs: no later collection goes through it again.
        gc.freeze()
        gc.disable()
        try:
            runpy.run_path(str(directory / "__main__.py"), run_name="__main__")
        finally:
            gc.enable()
            sys.path[:] = path
            _imported[directory] = _taken_out()
            sys.modules.update(kept)  # what the caller has imported stays the same objects

    return run


def _taken_out() -> dict[str, ModuleType]:
    """Take a program's modules out of those that are imported."""
    names = [name for name in sys.modules if name.partition(".")[0] in _OWN]
    return {name: sys.modules.pop(name) for name in names}

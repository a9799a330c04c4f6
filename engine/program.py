"""The programs of this repository (or of another checkout of it) as the engine's language host runs them."""

import gc
import importlib
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi

from analysis.stackfiles import ROOT

_OWN = ("settings", "cross_checks", "renamed_keys", "components", "policies", "bootstrap")
"""Modules of a program. Some read what a stack decides while they are imported, and two checkouts have both."""


def program(directory: Path = ROOT, transformation: pulumi.ResourceTransformation | None = None) -> Callable[[], None]:
    """The program whose `__main__.py` is in `directory`, imported anew by each run, with a transformation or none."""

    def run() -> None:
        if transformation:
            pulumi.runtime.register_stack_transformation(transformation)
        kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in _OWN}
        for name in kept:
            del sys.modules[name]
        path = list(sys.path)
        sys.path.insert(0, str(directory))
        importlib.invalidate_caches()
        # Python 3.11 fails with "AST constructor recursion depth mismatch" when a finalizer runs within `ast.parse`
        # (cpython issue 106905), by which pydantic reads docstrings; an interrupted run leaves objects that have one.
        gc.collect()
        gc.disable()
        try:
            runpy.run_path(str(directory / "__main__.py"), run_name="__main__")
        finally:
            gc.enable()
            sys.path[:] = path
            for name in [name for name in sys.modules if name.partition(".")[0] in _OWN]:
                del sys.modules[name]
            sys.modules.update(kept)  # what the caller has imported stays the same objects

    return run

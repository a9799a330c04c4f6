"""The programs of this repository, as Pulumi runs them."""

import runpy
import sys
from pathlib import Path

from analysis.stackfiles import ROOT

BOOTSTRAP = ROOT / "bootstrap"
"""Folder of the account's program and its stack files."""


def run_main() -> None:
    """Run `__main__.py` from its beginning; every call registers the whole environment anew."""
    _run(ROOT)


def run_bootstrap() -> None:
    """Run the program of an account, `bootstrap/__main__.py`, from its beginning."""
    _run(BOOTSTRAP)


def _run(folder: Path) -> None:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

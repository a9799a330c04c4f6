"""The program of this repository, as Pulumi runs it."""

import runpy
import sys

from local.stackfiles import ROOT


def run_main() -> None:
    """Run `__main__.py` from its beginning; every call registers the whole estate anew."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

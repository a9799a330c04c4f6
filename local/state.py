"""What must survive a restart of the environment: generated keys and passwords, by resource."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast, final

from local.layout import write_private

T = TypeVar("T")


@final
class State:
    """A small JSON file (0600). May be used from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        if path.exists():
            self._values = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return the value kept under `key`; make and keep it the first time."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
                write_private(self._path, json.dumps(self._values, indent=1, sort_keys=True) + "\n")
            return cast("T", self._values[key])

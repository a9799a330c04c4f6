"""What the engine's commands tell a person in trouble."""

from typing import final


@final
class EngineError(Exception):
    """Something failed: what and where, what to do about it, and the last lines of what was printed."""

    def __init__(self, message: str, *, hint: str, output: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.output = output

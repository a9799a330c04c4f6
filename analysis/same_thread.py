"""An event loop without threads of its own."""

import asyncio
from collections.abc import Callable
from typing import Any

from typing_extensions import override


class SameThreadLoop(asyncio.SelectorEventLoop):
    """Runs at once, in the thread that asks, what others would hand to a thread."""

    @override
    def run_in_executor(self, executor: object, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        del executor
        answer = self.create_future()
        try:
            answer.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # who waits for the answer gets it
            answer.set_exception(error)
        return answer

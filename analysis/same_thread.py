"""An executor without threads of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from typing_extensions import override


class SameThread(ThreadPoolExecutor):
    """Answers at once, in the thread that asks."""

    @override
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        try:
            answer.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # who waits for the answer gets it
            answer.set_exception(error)
        return answer

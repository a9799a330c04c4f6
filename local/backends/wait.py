"""Waits for a back end to answer."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from local.errors import LocalError
from local.processes.child import Child, describe_exit

_PAUSE = 0.05


async def until_ready(
    name: str,
    check: Callable[[], Awaitable[bool]],
    *,
    log: Path,
    seconds: float = 30,
    child: Child | None = None,
) -> None:
    """Call `check` until it is true; raises `LocalError` with the log's tail after `seconds` or when `child` ends."""
    try:
        async with asyncio.timeout(seconds):
            while not await check():
                if child is not None and not child.running:
                    code = describe_exit(await child.wait())
                    raise LocalError(f"{name} does not start ({code})", hint="Its log says why.", log=log)
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        hint = "Its log says why; a machine that is busy with something else may need another try."
        raise LocalError(f"{name} does not answer after {seconds:.0f} s", hint=hint, log=log) from None


async def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts TCP connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True

"""The queue and what it keeps."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings
from components.queue import QueueSettings, usable_memory_mib

_MEMORY_USED = 0.75
"""Part of a node's memory that finished jobs may take: beyond it the alarm `cache-memory` goes off."""


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _kept_jobs(sections)


def _kept_jobs(sections: Mapping[str, Any]) -> Iterable[str]:
    """A full Valkey refuses every job, and each prediction is answered with 500: what is kept must leave room.

    The largest job holds an upload of the limit in base64, and its flow; finished and failed jobs are kept apart.
    """
    app = cast(AppSettings | None, sections.get("app"))
    queue = cast(QueueSettings | None, sections.get("queue"))
    if not app or not queue:
        return
    largest = math.ceil(app.file_size_limit_mib * 4 / 3) + 1
    room = usable_memory_mib(queue.node_type) * _MEMORY_USED
    needed = 2 * queue.kept_jobs * largest
    if needed > room:
        most = int(room / 2 / largest)
        fits = f"set it to {most}, " if most else ""
        yield (
            f"queue.kept_jobs: {queue.kept_jobs} finished and as many failed jobs of up to {largest} MiB "
            f"(app.file_size_limit_mib {app.file_size_limit_mib}, in base64) may take {needed:,} MiB, and {room:,.0f} "
            f"MiB of {queue.node_type} are there for them; {fits}lower app.file_size_limit_mib, or choose a larger "
            "queue.node_type"
        )

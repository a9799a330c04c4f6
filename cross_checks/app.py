"""Flowise and what it is given: memory, mail, pods in main mode."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings

_BOOT_MIB, _TIMES_FILE = 900, 12
"""Memory of a process that has loaded every node, and what an upload adds for each MiB of its file (docs/edge.md,
Uploads)."""
_BOOT_HEAP_MIB, _TIMES_FILE_IN_HEAP = 400, 5
"""The part of it that lies in the heap of Node.js: the file in base64, its text, and the answer with the text."""


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _main_mode(sections)
    yield from _mail_without_address(sections)
    yield from _upload_memory(sections)


def _main_mode(sections: Mapping[str, Any]) -> Iterable[str]:
    """In main mode each server runs every schedule."""
    app = cast(AppSettings | None, sections.get("app"))
    if app and "queue" in sections and sections["queue"] is None and app.server.max_replicas > 1:
        yield (
            f"app.server.replicas: {app.server.replicas} to {app.server.max_replicas} pods need queue mode; in main "
            f"mode each would run every schedule. Add a flowise:queue section, or set replicas and max_replicas to 1"
        )


def _mail_without_address(sections: Mapping[str, Any]) -> Iterable[str]:
    """Flowise puts APP_URL into every mail, and sends none without it (3.1.4, enterprise/utils/url.util.js).

    The distribution's own name exists only after the pods have started, because the edge opens last.
    """
    app = cast(AppSettings | None, sections.get("app"))
    has_address = sections.get("ingress") or "ingress" not in sections
    if app and app.smtp and not has_address and "domain" in sections and sections["domain"] is None:
        yield (
            "app.smtp: without a name of its own Flowise does not know the address that people use; every mail fails "
            '("APP_URL environment variable is not configured"). Add a flowise:domain section, or remove app.smtp'
        )


def _upload_memory(sections: Mapping[str, Any]) -> Iterable[str]:
    """One file of the limit must fit into a pod, or it is killed and every request in it fails."""
    app = cast(AppSettings | None, sections.get("app"))
    if not app:
        return
    limit = app.file_size_limit_mib
    memory, heap = _BOOT_MIB + _TIMES_FILE * limit, _BOOT_HEAP_MIB + _TIMES_FILE_IN_HEAP * limit
    for name, pods in {"server": app.server, **({"worker": app.worker} if sections.get("queue") else {})}.items():
        most = min(
            (pods.memory_mib - _BOOT_MIB) // _TIMES_FILE, (pods.heap_mib - _BOOT_HEAP_MIB) // _TIMES_FILE_IN_HEAP
        )
        lower = f", or app.file_size_limit_mib to at most {most}" if most > 0 else ""
        if pods.memory_mib < memory:
            yield (
                f"app.{name}.memory_mib: {pods.memory_mib} is too little for an upload of app.file_size_limit_mib "
                f"{limit}, with which a process takes {memory:,} MiB; set it to at least {memory}{lower}"
            )
        if pods.heap_mib < heap:
            yield (
                f"app.{name}.heap_mib: {pods.heap_mib} is too little for an upload of app.file_size_limit_mib {limit}, "
                f"of which {heap:,} MiB lie in the heap; set it to at least {heap}{lower}"
            )

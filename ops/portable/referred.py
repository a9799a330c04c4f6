"""Files that rows of Flowise refer to, by the key that each has in the bucket.

Keys and names are those of Flowise 3.1.4's S3StorageProvider and BaseStorageProvider (flowise-components,
dist/src/storage): organisation, then flow and chat, flow, or `docustore` and store. A file without the organisation
before it is found too.
"""

import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ops.errors import OpsError
from ops.portable.tables import Connection

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_STORED = "FILE-STORAGE::"
_MESSAGES = """
SELECT w."organizationId"::text, m.chatflowid::text, m."chatId", m."fileUploads", m.artifacts
FROM chat_message m JOIN chat_flow f ON f.id = m.chatflowid JOIN workspace w ON w.id = f."workspaceId"
WHERE m."fileUploads" LIKE '%stored-file%' OR m.artifacts LIKE '%FILE-STORAGE::%'
"""
_FLOWS = """
SELECT w."organizationId"::text, f.id::text, f.name, f."flowData"
FROM chat_flow f JOIN workspace w ON w.id = f."workspaceId" WHERE f."flowData" LIKE '%FILE-STORAGE::%'
"""
_STORES = """
SELECT w."organizationId"::text, s.id::text, s.name, s.loaders
FROM document_store s JOIN workspace w ON w.id = s."workspaceId" WHERE s.loaders LIKE '%FILE-STORAGE::%'
"""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A file that somebody will ask for."""

    where: str
    """What refers to it, for a person."""

    key: str
    """Its key in the bucket."""

    @property
    def key_without_organization(self) -> str:
        """Where Flowise looks next."""
        return self.key.partition("/")[2]


def references(connection: Connection) -> Iterator[Reference]:
    """Every file that chats, flows and document stores refer to; rows are read in parts."""
    with connection.cursor("messages") as messages:
        for organization, flow, chat, uploads, artifacts in messages.execute(_MESSAGES):
            uploaded = (each.get("name", "") for each in _items(uploads) if each.get("type") == "stored-file")
            made = (name for each in _items(artifacts) for name in _names(each.get("data")))
            for name in (*uploaded, *made):
                yield Reference(where=f"chat {chat}", key=f"{organization}/{flow}/{chat}/{_sanitized(name)}")
    with connection.cursor("flows") as flows:
        for organization, flow, title, data in flows.execute(_FLOWS):
            for name in _stored_names(_parsed(data)):
                yield Reference(where=f"flow {title}", key=f"{organization}/{flow}/{_sanitized(name)}")
    with connection.cursor("stores") as stores:
        for organization, store, title, loaders in stores.execute(_STORES):
            for name in _stored_names(_parsed(loaders)):
                key = f"{organization}/docustore/{store}/{_sanitized(name)}"
                yield Reference(where=f"document store {title}", key=key)


def keys(client: "S3Client", bucket: str) -> set[str]:
    """Every key of the bucket."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {found.get("Key", "") for page in pages for found in page.get("Contents", [])}


def missing(found: AbstractSet[Reference], present: AbstractSet[str]) -> list[Reference]:
    """Those of them that Flowise would not find, each once."""
    lost = {each for each in found if each.key not in present and each.key_without_organization not in present}
    return sorted(lost, key=lambda each: (each.where, each.key))


def other_organizations(lost: list[Reference], present: AbstractSet[str]) -> set[str]:
    """First directories under which missing files are, as after a move in which the organisation got another id."""
    tails = {each.key_without_organization for each in lost}
    return {head for head, _, tail in (key.partition("/") for key in present) if tail in tails}


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError as error:
        raise OpsError(f"a row of Flowise holds text that is not JSON: {error}") from None


def _items(text: str | None) -> list[dict[str, Any]]:
    found = _parsed(text)
    return [each for each in cast("list[Any]", found) if isinstance(each, dict)] if isinstance(found, list) else []


def _names(value: Any) -> list[str]:
    """Names in a value such as `FILE-STORAGE::a.pdf` or `FILE-STORAGE::["a.pdf","b.pdf"]`."""
    if not isinstance(value, str) or not value.startswith(_STORED):
        return []
    names = value.removeprefix(_STORED)
    return [str(name) for name in _parsed(names)] if names.startswith("[") else [names]


def _stored_names(value: Any) -> Iterator[str]:
    """Names at any depth of a document."""
    if isinstance(value, dict):
        value = list(cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _stored_names(each)
    else:
        yield from _names(value)


def _sanitized(name: str) -> str:
    """Name of a file as Flowise stores it (the package sanitize-filename, then no dots in front)."""
    clean = re.sub(r'[/?<>\\:*|"\x00-\x1f\x80-\x9f]', "", name)
    return clean.rstrip(". ").lstrip(".").encode()[:255].decode(errors="ignore")

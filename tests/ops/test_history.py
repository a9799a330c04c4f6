"""What S3's own answers say, where moto's are of another form: versions and delete markers mixed in one list."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse

from ops.clients import s3_client
from ops.objects.history import histories

MOMENT = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)

Entry = tuple[str, str, str, str]
"""Kind (V or D), key, version, time of day."""


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> list[bytes]:
        return [self._content]


def _page(entries: Sequence[Entry], seen: set[str], following: Entry | None) -> bytes:
    text = '<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
    text += f"<IsTruncated>{str(following is not None).lower()}</IsTruncated>"
    if following:
        text += f"<NextKeyMarker>{entries[-1][1]}</NextKeyMarker>"
        text += f"<NextVersionIdMarker>{entries[-1][2]}</NextVersionIdMarker>"
    for kind, key, version, at in entries:
        element = "Version" if kind == "V" else "DeleteMarker"
        latest = str(key not in seen).lower()
        seen.add(key)
        text += f"<{element}><Key>{key}</Key><VersionId>{version}</VersionId><IsLatest>{latest}</IsLatest>"
        text += f"<LastModified>2026-11-23T{at}.000Z</LastModified>"
        text += "<Size>1</Size><StorageClass>STANDARD</StorageClass>" if kind == "V" else ""
        text += f"</{element}>"
    return (text + "</ListVersionsResult>").encode()


def wanted(entries: Sequence[Entry], page_size: int) -> dict[str, tuple[str, str | None, bool]]:
    """Current version, wanted version and whether it is sure, by key."""
    client = s3_client("us-east-1")
    seen: set[str] = set()
    pages = [
        _page(entries[at : at + page_size], seen, entries[at + page_size] if at + page_size < len(entries) else None)
        for at in range(0, len(entries), page_size)
    ]
    answers = iter(pages)

    def answer(**_: object) -> AWSResponse:
        raw, headers = cast("Any", _Body(next(answers))), cast("Any", {"content-type": "application/xml"})
        return AWSResponse("https://s3", 200, headers, raw)

    sending: Any = client.meta.events
    sending.register_first("before-send.s3.ListObjectVersions", answer)
    found = {
        history.key: (history.current.id, history.wanted and history.wanted.id, history.is_sure)
        for history in histories(client, "files", "", MOMENT)
    }
    sending.unregister("before-send.s3.ListObjectVersions", answer)  # others use the same client
    return found


HISTORY: list[Entry] = [
    ("D", "a%2Bb+c", "4", "10:00:00"),  # the four in one second; in the order in which S3 lists them
    ("V", "a%2Bb+c", "3", "10:00:00"),
    ("D", "a%2Bb+c", "2", "10:00:00"),
    ("V", "a%2Bb+c", "1", "10:00:00"),
    ("V", "back", "9", "10:00:01"),
    ("V", "back", "8", "09:59:59"),
    ("D", "back", "7", "09:59:59"),
    ("D", "gone", "6", "10:00:01"),
    ("D", "gone", "5", "09:00:00"),
    ("V", "gone", "4", "08:00:00"),
    ("V", "new", "1", "10:00:01"),
    ("V", "null", "null", "10:00:01"),
    ("V", "null", "1", "09:00:00"),
    ("V", "nulls", "1", "10:00:01"),
    ("V", "nulls", "null", "09:00:00"),
]


@pytest.mark.parametrize("page_size", [1, 2, 3, 4, 7, 100])
def test_the_order_of_the_list_decides_within_a_second_and_across_pages(page_size: int) -> None:
    assert wanted(HISTORY, page_size) == {
        "a+b c": ("4", None, True),
        "back": ("9", "8", True),
        "gone": ("6", None, True),
        "new": ("1", None, True),
        "null": ("null", "1", False),
        "nulls": ("1", "null", True),
    }


@pytest.mark.parametrize("page_size", [1, 2, 100])
def test_a_version_newer_than_a_marker_of_the_same_second_is_what_was_there(page_size: int) -> None:
    entries = [("V", "k", "5", "10:00:05"), *(("V" if i % 2 else "D", "k", str(i), "10:00:00") for i in (3, 2, 1, 0))]
    assert wanted(entries, page_size) == {"k": ("5", "3", True)}

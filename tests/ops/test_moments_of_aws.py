"""Moments in AWS's answers are read as botocore reads them, only faster."""

from typing import Any, cast

import pytest
from botocore.parsers import DEFAULT_TIMESTAMP_PARSER

from ops.clients import parse_moment


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-28T21:36:57.000Z",
        "2026-11-28T21:36:57Z",
        "2026-11-28T21:36:57.123456Z",
        "Sat, 28 Nov 2026 21:36:57 GMT",
        "2026-11-28T21:36:57+02:00",
        "20261128",  # seconds since 1970
        "20261128T213657Z",
        1764365817,
        1764365817.25,
    ],
)
def test_a_moment_is_read_as_botocore_reads_it(written: str | float) -> None:
    expected = cast("Any", DEFAULT_TIMESTAMP_PARSER)(written)
    assert (parse_moment(written), parse_moment(written).utcoffset()) == (expected, expected.utcoffset())


@pytest.mark.parametrize("written", ["yesterdayZ", "", "2026-13-01T00:00:00Z"])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        parse_moment(written)

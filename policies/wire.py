"""Properties as Pulumi's engine sends them, converted when a rule reads them.

The analyzer's SDK converts all properties of every resource again for each policy (pulumi_policy 1.21.0, `Analyze` and
`AnalyzeStack` in policy.py), although most rules are about another type: it was three quarters of the pack's time.
"""

# Pulumi's protobuf messages and the SDK's helpers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final, cast, final

from pulumi_policy import policy
from pulumi_policy.deserialize import _deserialize_property
from pulumi_policy.proxy import _is_unknown

from policies.unknown import UNKNOWN

_to_plain: Final = cast("Any", policy).json_format.MessageToDict


@final
class Properties(Mapping[str, Any]):
    """Properties of one message: without wrappers of secrets, what a preview cannot know as `UNKNOWN`."""

    def __init__(self, message: Any) -> None:
        self._message = message
        self._known: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._known:
            fields = self._message.fields
            if key not in fields:
                raise KeyError(key)
            self._known[key] = _plain(_deserialize_property(_to_plain(fields[key])))
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._message.fields)

    def __len__(self) -> int:
        return len(self._message.fields)


def convert_when_read() -> None:
    """Let the SDK hand `Properties` to policies. What it hands otherwise raises an error for each unknown value."""
    sdk = cast("Any", policy)
    sdk.json_format = SimpleNamespace(MessageToDict=Properties)
    sdk.deserialize_properties = sdk.unknown_checking_proxy = _unchanged


def _unchanged(properties: Properties, *_: object) -> Properties:
    return properties


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if _is_unknown(value):
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)  # every number crosses the wire as a float
    return value

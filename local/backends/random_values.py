"""The random provider: values made once and kept, as Pulumi's state keeps them."""

import base64
import json
import secrets
import string
import uuid
from collections.abc import Callable, Mapping
from typing import Any, final

from analysis.recorder import Created, Request
from analysis.wire import Properties
from local.state import State

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
"""The provider's default for `overrideSpecial`."""


@final
class RandomValues:
    """Answers for `random:*`; what it does not know it leaves to others."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, request: Request) -> Created | None:
        """Make the value, or find that of an earlier start; None for a type that is unknown here.

        New inputs (a rotation through `keepers`, say) make a new value, as the provider would.
        """
        if request.type.rpartition(":")[2] not in _MAKERS:
            return None
        key = f"{request.type}::{request.name}::{json.dumps(request.inputs, sort_keys=True)}"
        outputs = self._state.once(key, lambda: random_value(request.type, request.inputs))
        return Created(id=str(outputs.get("id", "none")), outputs=outputs, backing="process")


def random_value(type_: str, inputs: Mapping[str, Any]) -> Properties:
    """Make the value of a type such as `random:index/randomId:RandomId`. `KeyError` for one that is unknown here."""
    return _MAKERS[type_.rpartition(":")[2]](inputs)


def _password(inputs: Mapping[str, Any]) -> Properties:
    special = inputs.get("overrideSpecial") or _SPECIAL
    classes = [
        (alphabet, int(inputs.get(minimum) or 0))
        for flag, minimum, alphabet in (
            ("upper", "minUpper", string.ascii_uppercase),
            ("lower", "minLower", string.ascii_lowercase),
            ("numeric", "minNumeric", string.digits),
            ("special", "minSpecial", special),
        )
        if inputs.get(flag, True)
    ]
    chosen = [secrets.choice(alphabet) for alphabet, minimum in classes for _ in range(minimum)]
    every = "".join(alphabet for alphabet, _ in classes)
    chosen += [secrets.choice(every) for _ in range(int(inputs["length"]) - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return {"result": "".join(chosen), "id": "none"}


def _string(inputs: Mapping[str, Any]) -> Properties:
    result = _password(inputs)["result"]
    return {"result": result, "id": result}


def _bytes(inputs: Mapping[str, Any]) -> Properties:
    value = secrets.token_bytes(int(inputs["length"]))
    return {"base64": base64.b64encode(value).decode(), "hex": value.hex(), "id": "none"}


def _id(inputs: Mapping[str, Any]) -> Properties:
    value = secrets.token_bytes(int(inputs["byteLength"]))
    prefix = inputs.get("prefix") or ""
    url = base64.urlsafe_b64encode(value).decode().rstrip("=")
    return {
        "id": url,
        "b64Url": prefix + url,
        "b64Std": prefix + base64.b64encode(value).decode(),
        "hex": prefix + value.hex(),
        "dec": prefix + str(int.from_bytes(value, "big")),
    }


def _uuid(_: Mapping[str, Any]) -> Properties:
    value = str(uuid.uuid4())
    return {"result": value, "id": value}


def _integer(inputs: Mapping[str, Any]) -> Properties:
    low, high = int(inputs["min"]), int(inputs["max"])
    value = low + secrets.randbelow(high - low + 1)
    return {"result": value, "id": str(value)}


_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Properties]] = {
    "RandomPassword": _password,
    "RandomString": _string,
    "RandomBytes": _bytes,
    "RandomId": _id,
    "RandomUuid": _uuid,
    "RandomInteger": _integer,
}

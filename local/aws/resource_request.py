"""One resource while it is made: what the program asked for, and the clients to make it with."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast, final

from analysis.recorder import Created, Request
from analysis.synthetic import stable_suffix
from analysis.wire import Properties
from components.common.catalogue import AWS
from local.aws.clients import Clients
from local.aws.translate import Words, pascal, tag_list

_SUFFIX_LENGTH = 7
"""Characters that Pulumi appends to a name of its own."""


@final
class Inputs:
    """The inputs of a resource. Remembers which were read, so that none is dropped in silence."""

    def __init__(self, values: Properties) -> None:
        self._values = values
        self._unread = {key for key, value in values.items() if value is not None}

    def __getitem__(self, key: str) -> Any:
        """Return a required input."""
        self._unread.discard(key)
        return self._values[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return an optional input."""
        self._unread.discard(key)
        value = self._values.get(key)
        return default if value is None else value

    def pascal(self, *keys: str, words: Words | None = None) -> Any:
        """Translate those of `keys` that were given; a client checks the result."""
        given = {key: value for key in keys if (value := self.get(key)) is not None}
        return pascal(given, words)

    @property
    def unread(self) -> frozenset[str]:
        """Inputs that nothing asked for."""
        return frozenset(self._unread)


@final
class ResourceRequest:
    """What a handler gets."""

    def __init__(self, request: Request, clients: Clients, region: str, default_tags: Mapping[str, str]) -> None:
        self.name = request.name
        """Logical name."""
        self.inputs = Inputs(request.inputs)
        self.region: str = self.inputs.get("region", region)
        self.client = clients
        self.stack = default_tags.get("stack", "")
        """Name of the stack, from the provider's tags."""
        self._type = request.type
        self._default_tags = default_tags

    @property
    def longest_name(self) -> int:
        """Characters that AWS takes as its name."""
        return AWS[self._type].names[0].longest

    def physical_name(self) -> str:
        """Return the name that the program gave, or one like Pulumi's own but the same in every run."""
        return self.inputs.get(AWS[self._type].names[0].property) or self.auto_name(limit=self.longest_name)

    def auto_name(self, *parts: str, limit: int) -> str:
        """Name a resource after its logical name, `parts`, and seven hexadecimal digits."""
        suffix = stable_suffix(self._type, self.name, self.stack, length=_SUFFIX_LENGTH)
        stem = re.sub(r"[^A-Za-z0-9-]", "-", "-".join((self.name, *filter(None, parts))))
        return f"{stem[: limit - _SUFFIX_LENGTH - 1].rstrip('-')}-{suffix}"

    def tags(self) -> dict[str, str]:
        """Return the resource's own tags over the provider's."""
        return {**self._default_tags, **cast("dict[str, str]", self.inputs.get("tags", {}))}

    def tag_list(self) -> list[Any]:
        """Return the same as a list of keys and values."""
        return tag_list(self.tags())

    def tag_specifications(self, resource_type: str) -> list[Any]:
        """Return the same as EC2 wants it."""
        return [{"ResourceType": resource_type, "Tags": self.tag_list()}]


Handler = Callable[[ResourceRequest], Created]
"""Makes one resource; what it returns is completed by the inputs."""


def made(id_: str, **outputs: Any) -> Created:
    """Answer for a resource that is in moto now."""
    return Created(id=id_, outputs=outputs, backing="moto")

"""What exists in the account, as the providers remember it."""

from dataclasses import dataclass, field
from typing import Any, final

from analysis.wire import Properties

Key = tuple[str, str, str]
"""Type, region and id."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A resource that exists."""

    type: str
    name: str
    """Logical name."""
    id: str
    region: str
    inputs: Properties
    """Plain values."""
    outputs: Properties
    in_moto: bool = False

    def value(self, key: str) -> Any:
        """An output, or the input of the same name."""
        return self.outputs.get(key, self.inputs.get(key))


@final
@dataclass
class Inventory:
    """All that exists, and what is on its way out but still takes its name. May be used from several threads."""

    held: dict[Key, Held] = field(default_factory=dict[Key, Held])
    pending_deletion: dict[Key, Held] = field(default_factory=dict[Key, Held])
    """Deleted, but its name stays taken: secrets in their recovery window, keys before their deletion date."""
    contents: dict[Key, int] = field(default_factory=dict[Key, int])
    """What lies in a bucket, vault or repository: objects and their versions, recovery points, images."""

    def of_type(self, *types: str) -> list[Held]:
        """Every resource of these types."""
        return [held for held in list(self.held.values()) if held.type in types]

    def add(self, held: Held) -> None:
        """Keep a resource."""
        self.held[held.type, held.region, held.id] = held

    def find(self, type_: str, id_: str, region: str) -> Held | None:
        """A resource by its id: in this region, or in the only one that has it."""
        exact = self.held.get((type_, region, id_))
        if exact:
            return exact
        others = [held for held in self.of_type(type_) if held.id == id_]
        return others[0] if len(others) == 1 else None

    def remove(self, held: Held) -> None:
        """Forget a resource."""
        self.held.pop((held.type, held.region, held.id), None)

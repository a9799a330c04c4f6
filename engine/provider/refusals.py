"""What AWS refuses, each with the page that says so."""

from dataclasses import dataclass

from engine.provider.cloud import Held, Inventory
from local.wire import Properties


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why AWS refuses."""

    message: str


def refuse_create(inventory: Inventory, type_: str, inputs: Properties, region: str) -> Refusal | None:
    """Why a resource cannot be created, if so."""
    del inventory, type_, inputs, region
    return None


def refuse_update(inventory: Inventory, held: Held, inputs: Properties) -> Refusal | None:
    """Why a resource cannot be changed, if so."""
    del inventory, held, inputs
    return None


def refuse_delete(inventory: Inventory, held: Held) -> Refusal | None:
    """Why a resource cannot be deleted, if so."""
    del inventory, held
    return None

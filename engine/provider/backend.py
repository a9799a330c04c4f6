"""The account behind the providers, with the faults that a test asks for."""

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, final

from analysis.wire import Properties
from engine.provider.cloud import Account
from engine.provider.held import Held
from engine.provider.refusals import Refusal, refuse_create, refuse_delete, refuse_update

Operation = Literal["create", "read", "update", "delete"]


class RefusedError(Exception):
    """AWS, or a fault that a test asked for, refuses; the message is what the provider would print."""


class PartlyCreatedError(RefusedError):
    """The resource exists, but its creation did not finish: the engine keeps it and says so."""

    def __init__(self, message: str, held: Held) -> None:
        super().__init__(message)
        self.held = held


@dataclass(frozen=True, kw_only=True)
class _Fault:
    message: str
    partial: bool


@final
class Backend:
    """One account that outlives the runs of the engine. May be used from several threads."""

    def __init__(self, *, region: str = "us-east-1", moto: bool = True, kubeconfig: str = "") -> None:
        """Without `moto` every resource is an entry in the inventory alone, which is enough for previews.

        A `kubeconfig` is that of every EKS cluster of the account.
        """
        self.region = region
        self.kubeconfig = kubeconfig
        self.account = Account(region, moto=moto)
        self.calls: list[tuple[Operation, str, str]] = []
        """What was done, in order: operation, type, id or logical name."""
        self._faults: dict[tuple[str, Operation], list[_Fault]] = defaultdict(list)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Throw the account away."""
        self.account.close()

    def fail_next(
        self, type_: str, operation: Operation, message: str, *, times: int = 1, partial: bool = False
    ) -> None:
        """Let the next operation of this kind fail; a `partial` create leaves a resource behind, as a timeout does."""
        with self._lock:
            self._faults[type_, operation] += [_Fault(message=message, partial=partial)] * times

    def create(self, type_: str, name: str, inputs: Properties, region: str) -> Held:
        """Create a resource. Raises `RefusedError`."""
        with self._lock:
            fault = self._fault(type_, "create", name)
            if fault and not fault.partial:
                raise RefusedError(fault.message)
            _raise(refuse_create(self.account.inventory, type_, inputs, region))
            held = self.account.create(type_, name, inputs, region)
            if fault:
                raise PartlyCreatedError(fault.message, held)
            return held

    def read(self, type_: str, id_: str, region: str) -> Held | None:
        """Read a resource back; None when it is gone."""
        with self._lock:
            if fault := self._fault(type_, "read", id_):
                raise RefusedError(fault.message)
            return self.account.refresh(type_, id_, region)

    def update(self, type_: str, id_: str, inputs: Properties, region: str) -> Held:
        """Change a resource in place. Raises `RefusedError`."""
        with self._lock:
            if fault := self._fault(type_, "update", id_):
                raise RefusedError(fault.message)
            held = self.account.inventory.find(type_, id_, region)
            if held is None:
                raise RefusedError(f"updating {type_} ({id_}): it does not exist (any more)")
            _raise(refuse_update(self.account.inventory, held, inputs))
            return self.account.update(held, inputs)

    def delete(self, type_: str, id_: str, region: str) -> None:
        """Delete a resource; one that is gone already is no mistake. Raises `RefusedError`."""
        with self._lock:
            if fault := self._fault(type_, "delete", id_):
                raise RefusedError(fault.message)
            held = self.account.inventory.find(type_, id_, region)
            if held is None:
                return
            self.account.count_contents(held)
            _raise(refuse_delete(self.account.inventory, held))
            self.account.delete(held)

    def _fault(self, type_: str, operation: Operation, what: str) -> _Fault | None:
        self.calls.append((operation, type_, what))
        waiting = self._faults.get((type_, operation))
        return waiting.pop(0) if waiting else None


def _raise(refusal: Refusal | None) -> None:
    if refusal:
        raise RefusedError(refusal.message)

"""What a check asks, and what it answers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from settings import StackSettings

_DENIED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|Forbidden")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One line of the result."""

    about: str
    good: bool | None
    """None: it could not be asked, which stops nobody but is said."""
    text: str
    todo: str = ""
    """What to do where it is not good."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A stack, and the account it would be deployed to."""

    stack: str
    settings: StackSettings
    vcpus: int
    """vCPU of the nodes that the stack needs without load."""
    client: Callable[[str, str], Any]
    """A client of AWS for a service and a region."""

    def ask(self, service: str, region: str | None = None) -> Any:
        """Return a client in the stack's region, or in another one."""
        return self.client(service, region or self.settings.region)

    @property
    def cluster(self) -> str:
        """Name of the stack's own EKS cluster, which its load balancer has too (components/common/names.py)."""
        return f"flowise-{self.stack}"

    def is_deployed(self) -> bool:
        """Whether the stack is there: its names are then taken by itself."""
        if self.settings.cluster.existing:
            balancers = self.ask("elbv2")
            return exists(lambda: balancers.describe_load_balancers(Names=[self.cluster[:32]]), "LoadBalancerNotFound")
        return exists(lambda: self.ask("eks").describe_cluster(name=self.cluster), "ResourceNotFoundException")


Check = Callable[[Subject], Iterator[Answer]]


def exists(ask: Callable[[], object], *missing: str) -> bool:
    """Whether what is asked for is there; `missing` are the error codes that say it is not."""
    try:
        ask()
    except ClientError as error:
        if code(error) in missing:
            return False
        raise
    return True


def code(error: ClientError) -> str:
    """The service's own name of an error."""
    return error.response.get("Error", {}).get("Code", "")


def run(checks: dict[str, Check], subject: Subject) -> list[Answer]:
    """Run every check; one that may not ask, or that AWS answers with an error, says so and stops no other."""
    answers: list[Answer] = []
    for about, check in checks.items():
        try:
            answers += check(subject)
        except ClientError as error:
            why = "this role may not ask" if _DENIED.search(code(error)) else "AWS answered with an error"
            answers.append(Answer(about=about, good=None, text=f"{why}: {error.operation_name}: {code(error)}"))
    return answers

"""Settings of a stack that this account delivers, and which stacks can live beside each other."""

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Annotated, Any, Self, cast

from pydantic import AfterValidator, Field, model_validator

from components.common.model import Settings
from components.common.names import STACK_NAME_PATTERN, stack_name_problems
from components.common.spelling import ConnectionArn, HostedZoneId, HostName, Spelling

Cron = Annotated[
    str,
    Spelling(
        pattern=r"^\S+( \S+){4}$",
        is_="five fields of cron (minute, hour, day, month, weekday), parted by single spaces",
        examples=["0 3 * * *"],
        wrong=((r"^(cron|rate)\(", "it is written for EventBridge"), (r"^@", "it is a nickname")),
    ),
]
Environment = Annotated[
    str,
    Spelling(
        pattern=r"^[\w.-]{1,100}$",
        is_="a GitHub environment by its name: letters, digits, _ . -",
        examples=["prod"],
        wrong=((r"\s", "it has spaces"), (r"/", "it has a slash")),
        find="`gh api repos/OWNER/NAME/environments --jq '.environments[].name'` lists them",
    ),
]


def _stack_name(text: str) -> str:
    if problems := list(stack_name_problems(text)):
        raise ValueError("; ".join(problems))
    return text


StackName = Annotated[
    str,
    AfterValidator(_stack_name),
    Field(
        examples=["dev"],
        json_schema_extra={
            "pattern": STACK_NAME_PATTERN,
            "patternErrorMessage": "must be small letters, digits and single hyphens, beginning with a letter",
        },
    ),
]
"""A name that a stack of Flowise accepts: `--` ends it in the names of its buckets."""

BucketName = Annotated[
    str,
    Spelling(
        pattern=r"^[a-z][a-z-]{2,20}-[0-9a-f]{7}$",
        is_="a bucket that version 0.1.0 made: a word and seven hexadecimal digits",
        examples=["files-1a2b3c4"],
        wrong=((r"^(s3://|arn:)", "it is an address or an ARN"), (r"--", "newer buckets need no entry here")),
        find="`aws s3 ls` lists them",
    ),
]


class StackDomain(Settings):
    """The records that a stack may change."""

    name: Annotated[HostName, Field(max_length=60)]
    """As in the stack's `flowise:domain`; its own records and those below it can be changed, and no others."""
    hosted_zone_id: HostedZoneId
    """As in the stack's `flowise:domain`."""


class DeliveredStack(Settings):
    """How one stack is deployed."""

    approval: bool = True
    """Whether a person approves each deployment."""
    environment: Environment | None = None
    """GitHub environment that the job runs in, and whose reviewers approve."""
    preview_environment: Environment | None = None
    """GitHub environment of previews, whose reviewers approve that code of a pull request reads the stack's state with
    the secrets in it. Without it any branch of the repository may."""
    preview_in_deployments: bool = False
    """Let Pulumi Deployments preview pull requests too. It previews with the role that deploys: code of a pull request
    would run with it. Without it the workflow previews, with a role that only reads."""
    drift_schedule: Cron | None = "0 3 * * *"
    """When Pulumi Deployments runs drift detection (UTC)."""
    domain: StackDomain | None = None
    """Records in Route 53 that the stack may change. Without it none."""
    connection_arn: ConnectionArn | None = None
    """Connection to GitHub of the stack's runner, as in its `flowise:runner`. Without it there can be none."""
    restore_tests: bool = True
    """Allow what AWS Backup makes for restore tests, under names without the stack's. false where the stack has no
    `flowise:backup` section."""
    buckets: Annotated[list[BucketName], Field(max_length=5)] = []
    """Buckets of the stack that were made before version 0.2.0, whose names lack that of the stack."""

    @model_validator(mode="after")
    def _approval_has_environments(self) -> Self:
        if not self.approval:
            return self
        if self.environment is None:
            raise ValueError(
                "needs an approval environment: name the GitHub environment whose reviewers approve "
                "(environment: prod), or say approval: false"
            )
        if self.preview_environment is None:
            raise ValueError(
                "needs a preview environment: a preview opens the secrets in the stack's state, so name a GitHub "
                f"environment whose reviewers approve it (preview_environment: {self.environment}-preview), "
                "or say approval: false"
            )
        if self.preview_environment == self.environment:
            raise ValueError(
                "environment and preview_environment are the same; a preview runs code that nobody has merged yet, so "
                f"give it an environment of its own (preview_environment: {self.environment}-preview)"
            )
        return self


def conflicts(key: str, stacks: Mapping[str, Any]) -> Iterable[str]:
    """Stacks that could reach each other's resources: by their names, or by their domains."""
    domains = {name: domain for name, stack in stacks.items() if (domain := _domain(stack))}
    for one, other in permutations(sorted(stacks), 2):
        if other.startswith(f"{one}-"):
            yield (
                f"{key}.{other}: its name begins with '{one}-', so the role that deploys {one} could change its roles "
                f"(flowise-{other}-... is one of flowise-{one}-...); choose a name that does not begin with '{one}-', "
                f"such as {other.removeprefix(f'{one}-')}-{one}"
            )
        if one in domains and other in domains and _inside(domains[other], domains[one]):
            same = domains[one] == domains[other]
            if same and one > other:
                continue
            yield (
                f"{key}.{other}.domain.name: '{domains[other]}' {'is' if same else 'lies below'} the domain of {one}, "
                f"which could change its records; give the stacks domains beside each other"
            )


def _domain(stack: object) -> str:
    domain = cast("dict[str, object]", stack).get("domain") if isinstance(stack, dict) else None
    name = cast("dict[str, object]", domain).get("name") if isinstance(domain, dict) else None
    return name if isinstance(name, str) else ""


def _inside(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")

"""Every key that `Pulumi.<account>.yaml` may hold, validated and reported all at once before anything is made."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, cast

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import AfterValidator, Field, ValidationError, model_validator

from bootstrap.stacks import DeliveredStack, StackName, conflicts
from components.common.catalogue import services
from components.common.model import AS_A_SET, GOVCLOUD, AwsRegion, Settings, Tags
from components.common.regions import partition_problems
from components.common.spelling import RepositoryName, Spelling
from components.common.validation_errors import format_validation_error, nearest
from policies.exceptions import PolicyException

PROJECT = "flowise-bootstrap"
REGION_KEY = "aws:region"
_PODS = ("bedrock", "eks-auth", "tag", "xray")
"""What nothing but pods, and people who look for resources by tag, call."""
_SERVICES = sorted({*_PODS, *services()} - {"iam"})  # the boundary has statements of its own for IAM
"""What the stacks are made of, and what their pods may be given."""


def _known_service(prefix: str) -> str:
    if prefix not in _SERVICES:
        raise ValueError(
            f'no stack uses the service "{prefix}"{nearest(prefix, _SERVICES)}. A service that a component of your own '
            "needs stands in the catalogue with its types (CONTRIBUTING.md), and is then allowed"
        )
    return prefix


def _name_alone(branch: str) -> str:
    if branch.startswith("refs/"):
        raise ValueError(
            f'"{branch}" is a ref, and the roles would trust refs/heads/{branch}, which is nobody; write '
            f"{branch.removeprefix('refs/').removeprefix('heads/')}"
        )
    return branch


class RepositorySettings(Settings):
    """The GitHub repository whose workflows are trusted."""

    name: RepositoryName
    """Organisation or person, a slash, repository: no address, no `.git`."""
    owner_id: Annotated[int, Field(ge=1)] | None = None
    """Number of the organisation; pins the trust to it, whoever gets its name later."""
    repository_id: Annotated[int, Field(ge=1)] | None = None
    """Number of the repository."""
    branch: Annotated[
        str,
        Spelling(
            pattern=r"^[\w./-]+$",
            is_="one branch by its name, without wildcards",
            examples=["main"],
            wrong=((r"[*?]", "it has a wildcard, and the role that deploys trusts one branch"),),
        ),
        AfterValidator(_name_alone),
    ] = "main"
    """Branch that is deployed."""

    @model_validator(mode="after")
    def _both_ids(self) -> Self:
        if (self.owner_id is None) != (self.repository_id is None):
            raise ValueError(
                f"owner_id and repository_id go together; `gh api repos/{self.name} --jq '.owner.id, .id'` prints both"
            )
        return self


class PulumiCloudSettings(Settings):
    """The organisation in Pulumi Cloud."""

    organization: Annotated[
        str,
        Spelling(
            pattern=r"^[a-z0-9][a-z0-9_-]{2,39}$",
            is_="an organisation of Pulumi Cloud in lower case, 3 to 40 characters",
            examples=["acme"],
            wrong=((r"[A-Z]", "it has capitals"), (r"[/:]", "it is an address")),
            find="It stands in the console's address: app.pulumi.com/ORGANISATION",
        ),
    ]
    """Name as in the address of the console, in lower case: the tokens' audience is compared letter by letter."""
    issuer: Annotated[
        str,
        Spelling(
            pattern=r"^https://[a-z0-9.-]+(/[\w.-]+)*$",
            is_="an HTTPS URL without a port and a slash at its end",
            examples=["https://api.pulumi.com/oidc"],
            wrong=((r"^http://", "it is not encrypted (http)"), (r"/$", "it ends with a slash")),
        ),
    ] = "https://api.pulumi.com/oidc"
    """Issuer of its OIDC tokens; another one with Pulumi Cloud in your own data centre."""


class StateSettings(Settings):
    """Pulumi's state."""

    noncurrent_days: Annotated[int, Field(ge=30, le=3650)] = 365
    """Days that an overwritten or deleted state file can still be recovered."""
    access_log_days: Annotated[int, Field(ge=30, le=3650)] = 365
    """Days until the log of who read or wrote a state file is deleted."""


class RegistrySettings(Settings):
    """Images of Flowise."""

    keep_images: Annotated[int, Field(ge=10, le=1000)] = 100
    """Tagged images to keep, newest first; the one that runs in prod must be among them."""
    account_scanning: bool = True
    """Own the scanning configuration of the account's registry in this region, which is one for all of its repositories
    (ECR API Reference, PutRegistryScanningConfiguration): images of Flowise are scanned when they are pushed. false
    where the account has a configuration already that others rely on; it must then scan `flowise` on push."""


ServicePrefix = Annotated[
    str,
    Spelling(
        pattern=r"^[a-z0-9-]+$",
        is_="a service by the prefix of its actions in IAM",
        examples=["ec2"],
        wrong=((r":", "it names an action"), (r"\*", "it has a wildcard"), (r"[A-Z]", "it has capitals")),
        find="The Service Authorization Reference lists the prefixes",
    ),
    AfterValidator(_known_service),
]


class BootstrapSettings(Settings):
    """An account file, `flowise-bootstrap:` keys by their name."""

    region: AwsRegion
    """Region of state bucket and registry (the key `aws:region`)."""
    recovery_region: AwsRegion | None = None
    """Region that receives copies of state, keys and images, so that a stack can be deployed there when its own region
    is lost (docs/runbooks/region-lost.md); best the one of `flowise:recovery`."""
    protected: bool = True
    """Refuse to delete state, key and images."""
    tags: Tags = {}
    """Tags for every resource, besides those for project and stack."""
    repository: RepositorySettings
    """The GitHub repository whose workflows are trusted."""
    delivery: Literal["actions", "pulumi-deployments"] = "actions"
    """Who deploys: GitHub Actions or Pulumi Deployments. The roles that deploy trust only this one."""
    pulumi_cloud: PulumiCloudSettings | None = None
    """Organisation in Pulumi Cloud; left out, nothing of Pulumi Cloud is registered."""
    stacks: Annotated[dict[StackName, DeliveredStack], Field(min_length=1)]
    """The stacks of this account by name."""
    services: Annotated[list[ServicePrefix], AS_A_SET] = _SERVICES
    """IAM prefixes of the services that a stack, and every role that it makes, may use at all; of some of them only
    what is the stack's own (bootstrap/boundary.py)."""
    state: StateSettings = StateSettings()
    """Pulumi's state."""
    registry: RegistrySettings = RegistrySettings()
    """Images of Flowise."""
    policy_exceptions: Annotated[list[PolicyException], AS_A_SET] = []
    """Findings of the policy pack that this account lives with (docs/policies.md)."""


class BootstrapSettingsError(pulumi.RunError):
    """The account file has mistakes. The message lists all of them; nothing has been made."""


def load_settings() -> BootstrapSettings:
    """Read this account's configuration from Pulumi. Raises `BootstrapSettingsError`."""
    values = {**get_config_env(), **CONFIG.get()}
    return parse_settings(values, {key for key in values if is_config_secret(key)}, pulumi.get_stack())


def parse_settings(values: Mapping[str, str], secret_keys: Iterable[str], account: str) -> BootstrapSettings:
    """Validate configuration values (`namespace:key` to text). Raises `BootstrapSettingsError`."""
    known = set(BootstrapSettings.model_fields) - {"region"}
    problems = [f"{key}: holds a secret, and nothing here is one" for key in secret_keys if _name(key)]
    document: dict[str, Any] = {"region": values[REGION_KEY]} if REGION_KEY in values else {}
    for key, text in values.items():
        name = _name(key)
        if name in known:
            document[name] = _parsed(text)
        elif name:
            problems.append(f"{key}: there is no such key{nearest(name, known)}")
    settings: BootstrapSettings | None = None
    try:
        settings = BootstrapSettings.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            location = [str(part) for part in detail["loc"] if part != "[key]"]
            problems.append(format_validation_error(BootstrapSettings, _key(location), location, detail))
    problems += _contradictions(document)
    if problems or settings is None:
        count = f"{len(problems)} mistake{'s' if len(problems) != 1 else ''}"
        lines = "\n".join(f"  - {problem}" for problem in sorted(problems))
        raise BootstrapSettingsError(f"Pulumi.{account}.yaml has {count}; nothing has been made:\n{lines}")
    return settings


def _contradictions(document: Mapping[str, Any]) -> Iterable[str]:
    """Mistakes that no single section can see."""
    if document.get("delivery") == "pulumi-deployments" and document.get("pulumi_cloud") is None:
        yield (
            f"{PROJECT}:delivery: pulumi-deployments needs an organisation in Pulumi Cloud; "
            f"add a {PROJECT}:pulumi_cloud section, or say actions"
        )
    if document.get("recovery_region") is not None and document["recovery_region"] == document.get("region"):
        yield (
            f"{PROJECT}:recovery_region: {document['recovery_region']} is the region of the originals ({REGION_KEY}); "
            "name another one"
        )
    if isinstance(region := document.get("region"), str):
        yield from (f"{PROJECT}:{line}" for line in partition_problems(region, document))
        if document.get("delivery") == "pulumi-deployments" and region in GOVCLOUD:
            yield (
                f"{PROJECT}:delivery: pulumi-deployments takes roles of AWS's commercial partition: its settings name "
                f"no region, and credentials for {region} come from GovCloud's own STS; say actions"
            )
    stacks = document.get("stacks")
    if isinstance(stacks, dict):
        yield from conflicts(f"{PROJECT}:stacks", cast("dict[str, Any]", stacks))


def _name(key: str) -> str:
    """Name of one of our own keys; empty for those of others."""
    namespace, _, name = key.partition(":")
    return name if namespace == PROJECT else ""


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _key(location: list[str]) -> str:
    return REGION_KEY if location == ["region"] else f"{PROJECT}:{'.'.join(location)}"

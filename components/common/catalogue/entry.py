"""What the catalogue says of one type of resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Kept = Literal["irreplaceable", "protected", "recreated"]
"""What is lost with a resource that holds data or keys.

- `irreplaceable`: what people made, or the only key to it;
- `protected`: copies, or work in progress, that a protected stack does not delete either;
- `recreated`: what the program can create again, with an interruption or another value.
"""

Price = Literal["rule", "free", "left out", "nodes"]
"""What a resource costs.

- `rule`: a function in a file of `analysis/cost/services` works it out;
- `free`: nothing in itself;
- `left out`: something that the estimate leaves out, and names;
- `nodes`: nothing in itself; its pods run on nodes, which are priced.
"""

Autoname = Literal["default", "limited", "lower", "none"]
"""How the provider names a resource that the program gives no name.

- `default`: the bridge gives a type whose input `name` is optional a name of at most 255 characters;
- `limited`: pulumi-aws sets it within what AWS takes (provider/resources.go: `AutoName`, `AutoNameTransform`);
- `lower`: so too, in lower-case letters;
- `none`: its `name` is not a name of the resource.
"""

NO_DOUBLE_HYPHEN: Final = r"[A-Za-z](-?[A-Za-z0-9])*"
"""A letter first, no hyphen last, and never two of them beside each other."""

MODIFIED: Final = "the provider changes it in place by the API's own call"
ABSENT: Final = "not an argument of this resource in the provider"
"""Why the provider does not replace for a property that CloudFormation sets at creation only."""

AT_DELETION: Final = "only the provider uses it, when it deletes the resource"
AT_CHANGE: Final = "only the provider uses it, when it changes the resource"
IGNORED: Final = "moto takes it and forgets it"
UNKNOWN: Final = "moto does not know it"
"""Why an input cannot be read back from moto."""

TAG_EDITOR: Final = "https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html"
"""What AWS says of the tags of services whose own pages say less."""


@dataclass(frozen=True, kw_only=True)
class TagRule:
    """What a service takes as tags.

    A source is a member of AWS's API model (`acm RequestCertificate Tags.Key`: service, operation, member), which a
    test compares with the model that botocore installs, or a page.
    """

    most: int = 50
    """Tags of one resource."""
    longest_key: int = 128
    longest_value: int = 256
    key_characters: str = ""
    """What a key may hold, as a class of a regular expression, where that is less than every other service takes."""
    reserved: Sequence[str] = ("aws:",)
    """What neither a key nor a value may begin with, in any case."""
    source: str
    says: str = ""
    """Words of the model where its constraints hold less."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service of AWS, in the file of its types."""

    name: str
    """As botocore calls it."""
    reference: str
    """Folder of its API reference; the pages there are named `API_<operation>.html`."""
    in_page_names: str = ""
    """What stands before the operation where a reference has several services."""
    tags: TagRule | None = None
    """None: no type of it that this program registers takes any."""

    def api(self, operation: str) -> str:
        """Address of AWS's page about an operation."""
        return f"https://docs.aws.amazon.com/{self.reference}/API_{self.in_page_names}{operation}.html"


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What a service takes as a name.

    A source is a member of AWS's API model (`iam CreateRole RoleName`: service, operation, member), which a test
    compares with the model that botocore installs, or a page.
    """

    property: str = "name"
    """Input that holds it, as Pulumi calls it."""
    longest: int
    shortest: int = 1
    pattern: str
    """Regular expression of the whole name, in ASCII."""
    source: str
    says: str = ""
    """Words of the model where its constraints hold less."""
    published: bool = True
    """Whether AWS publishes the limit; a limit that it does not publish is the program's own."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """How components make a name of the project, the stack and some words (`components.common.names.physical_name`)."""

    kind: str
    """What components call it."""
    forbidden: str
    """Characters that become hyphens."""
    spare: int = 0
    """Characters that are added later."""


@dataclass(frozen=True, kw_only=True)
class Automatic:
    """A name that Pulumi makes with the stack's name in it, as `pulumi:autonaming` in Pulumi.yaml says.

    Pulumi does not shorten it: the provider refuses a name that is too long (pulumi-terraform-bridge,
    pkg/tfbridge/names.go).
    """

    pattern: str
    longest: str
    """Longest logical name of such a resource, with every section of the settings."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """How others name a resource by text, so that no output says that it must exist before them."""

    key: str
    """Input of the others."""
    name: str
    """Input or output of the resource."""


@dataclass(frozen=True, kw_only=True)
class ServiceLogs:
    """A log group that the service creates where it does not exist yet."""

    name: str
    """Input that stands for `{}` in the pattern."""
    pattern: str
    source: str


@dataclass(frozen=True, kw_only=True)
class LogConsent:
    """What an account allows so that a service delivers logs into log groups; bootstrap does, once for all stacks.

    A log group needs a resource policy for it (CloudWatch Logs user guide, "Enable logging from AWS services"). The
    policy holds for the account, which can have ten in a region, and no stack may change one.
    """

    name: str
    """In the policy's name, between `flowise-` and `-logs`."""
    service: str
    """Principal that writes."""
    log_groups: str
    """Names of the log groups of all stacks, as the ARN of a log stream has them: `flowise/*/dns:*`."""
    sender: str = "logs::*"
    """Service and resource, with two colons between them, of the ARNs on whose behalf it writes."""
    region: str = ""
    """Where the logs go; empty: where the stacks are."""
    source: str
    """Where AWS says so."""


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """What replaces a resource.

    What the Terraform provider marks `ForceNew` or `RequiresReplace` replaces (pulumi-aws 7.51 is
    terraform-provider-aws 6.x). Of the sources nine were read, at older commits; the others are listed from knowledge.
    Where CloudFormation has the type, a test compares the entry with AWS's own list of what can be set at creation only
    (`createOnlyProperties`).
    """

    properties: str
    """Names or dotted paths: `vpcId`, `kubernetesNetworkConfig.ipFamily`. With `-` only when it is taken away, with `?`
    only when it comes or goes."""
    source: str
    """File of the provider, below `internal/service/` for AWS."""
    cloudformation: str = ""
    """Type in CloudFormation."""
    in_place: Mapping[str, str] = field(default_factory=dict[str, str])
    """What CloudFormation sets at creation only and the provider does not replace for, by property, with the reason."""


@dataclass(frozen=True, kw_only=True)
class Actions:
    """Actions of IAM that allow the calls which the provider makes, with a blank between two of them.

    Written from what the provider is known to call; its source was read for buckets and tags only. A test holds that
    each action exists and that every role which needs it has it; which calls the provider really makes, the first
    deployment shows (docs/verified.md). A change is asked for what it creates, changes and deletes together: the
    deploying role does all three.
    """

    read: str = ""
    contents: str = ""
    """In place of `read`, for a read that shows contents: no reading role may do it, and drift detection leaves the
    type out."""
    create: str
    update: str = ""
    delete: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of AWS's API about one resource."""

    service: str
    operation: str
    """Method of boto3's client."""
    arguments: Mapping[str, str]
    """Arguments, each with the output of the resource that it takes; `[]` after the name makes a list of it."""


@dataclass(frozen=True, kw_only=True)
class Moto:
    """How moto stands in for AWS: a handler of `local/aws` creates the resource, or `recorded_only` says why not."""

    recorded_only: str = ""
    """Why moto cannot hold it: it exists as a record alone."""
    apart: str = ""
    """Why the engine's tests keep it out of moto."""
    lost: Mapping[str, str] = field(default_factory=dict[str, str])
    """Inputs that cannot be read back from moto, with the reason. A dot leads into a structure. All others reach moto:
    a handler that leaves one out fails."""
    delete: Call | Literal["function"] | None = None
    """`function`: one of `engine/provider/moto_calls.py`. None: it goes with what it belongs to."""
    read: Call | None = None
    """What a refresh asks moto for a resource that can be lost behind Pulumi's back."""
    put: bool = False
    """Whether its creation is a Put in AWS's API: a change is the same call. Of others moto keeps the first form."""


@dataclass(frozen=True, kw_only=True)
class Unique:
    """What may exist once only.

    The page of AWS that is named here, and in the refusals below, was not opened: an error code may be worded otherwise
    there.
    """

    keys: tuple[str, ...] = ("name",)
    code: str
    source: str
    status: int = 400
    everywhere: bool = False
    """In all regions."""
    kept_while_pending: bool = False
    """The name stays taken until the deletion is final."""


@dataclass(frozen=True, kw_only=True)
class DeletionProtection:
    """An input that makes AWS refuse a deletion."""

    key: str
    code: str
    says: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Container:
    """What must be empty before it can be deleted."""

    code: str
    says: str
    source: str
    status: int = 400


@dataclass(frozen=True, kw_only=True)
class InUse:
    """A use that keeps a resource from being deleted."""

    user: str
    """Type of the user."""
    path: str
    """Where the user names it; what is below the path's end counts too."""
    code: str
    source: str
    status: int = 400
    not_of_itself: str = ""
    """A user that names the resource here is part of it, and goes with it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One type."""

    type: str
    """Token, such as `aws:iam/role:Role`."""
    data: Kept | None = None
    """What is lost with a resource; None: it holds neither data nor keys."""
    price: Price
    picture: str = ""
    """Icon in the architecture's pictures: a file below `resources/aws` of the package `diagrams`."""


@dataclass(frozen=True, kw_only=True)
class RandomEntry(Entry):
    """A value of the random provider, which exists in the state alone."""

    price: Price = "free"
    replacement: Replacement


@dataclass(frozen=True, kw_only=True)
class KubernetesEntry(Entry):
    """A kind of Kubernetes object."""

    price: Price = "nodes"
    cluster_wide: bool = False
    """Whether it lies in no namespace."""
    immutable: tuple[str, ...] = ()
    """What the API server does not change in place (pulumi-kubernetes, provider/pkg/provider/diff.go: `forceNew`)."""
    local: Literal["recorded", "kept", "run", "entry"] = "recorded"
    """In the local environment: a record alone, kept for pods and Services, run as processes, or an entry point."""


@dataclass(frozen=True, kw_only=True)
class AwsEntry(Entry):
    """A type of AWS."""

    names: Sequence[NameRule] = ()
    """Its own name first."""
    unnamed: str = ""
    """What identifies it, when it has no name of its own."""
    autoname: Autoname = "default"
    given: Given | None = None
    automatic: Automatic | None = None
    reference: Reference | None = None
    logs: ServiceLogs | None = None
    log_consent: LogConsent | None = None
    """For a type whose logs a service delivers into a log group by itself: without a role that the program gives it."""
    outlives: bool = False
    """Whether it may outlive a stack that is not protected: recovery points, and the keys that they need."""
    protects: bool = False
    """Whether it exists to protect something else: a vault's policy denies that its recovery points are deleted."""
    tags: Service | None = None
    """Service whose rule its tags follow; None: it takes none."""
    left_out: str = ""
    """What can be charged that the estimate leaves out."""
    replacement: Replacement
    actions: Actions
    moto: Moto = Moto()
    unique: Unique | None = None
    protection: DeletionProtection | None = None
    container: Container | None = None
    used_by: Sequence[InUse] = ()

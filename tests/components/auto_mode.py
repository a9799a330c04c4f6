"""Models of EKS Auto Mode's kinds, which nobody publishes as a package: just what this program uses of them.

Sources: EKS User Guide (auto-configure-alb, create-node-class, create-node-pool) and Karpenter 1.x's API reference
(karpenter.sh/v1 NodePool).
"""

# ruff: noqa: N815  # the fields are named as in Kubernetes

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Duration = Annotated[str, Field(pattern=r"^([0-9]+(s|m|h))+$")]
Id = Annotated[str, Field(min_length=1)]


class Kind(BaseModel):
    """An unknown field is a mistake: the API server would drop it without a word."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ServiceReference(Kind):
    """Service whose pods join the target group."""

    name: str
    port: int


class TargetGroupBinding(Kind):
    """eks.amazonaws.com/v1; `targetGroupName` is refused, `targetType` is required."""

    serviceRef: ServiceReference
    targetGroupARN: Annotated[str, Field(pattern=r"^arn:aws:")]
    targetType: Literal["ip"]


class Term(Kind):
    """A subnet or a security group by its id."""

    id: Id


class EphemeralStorage(Kind):
    """The disk of a node; create-node-class names 1 to 59000Gi, and 80Gi where nothing is said."""

    size: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}Gi$")]


class NodeClass(Kind):
    """eks.amazonaws.com/v1; not to be named `default`."""

    role: Annotated[str, Field(pattern=r"^[\w+=,.@-]{1,64}$")]
    subnetSelectorTerms: Annotated[list[Term], Field(min_length=1)]
    securityGroupSelectorTerms: Annotated[list[Term], Field(min_length=1)]
    networkPolicy: Literal["DefaultAllow", "DefaultDeny"]
    networkPolicyEventLogs: Literal["Enabled", "Disabled"]
    ephemeralStorage: EphemeralStorage | None = None


class NodeClassReference(Kind):
    """All three are required."""

    group: Literal["eks.amazonaws.com"]
    kind: Literal["NodeClass"]
    name: str


class Requirement(Kind):
    """What a node must be like; `Gt` takes one whole number as text."""

    key: Literal[
        "karpenter.sh/capacity-type",
        "kubernetes.io/arch",
        "eks.amazonaws.com/instance-category",
        "eks.amazonaws.com/instance-cpu",
        "eks.amazonaws.com/instance-family",
        "eks.amazonaws.com/instance-generation",
    ]
    operator: Literal["In", "Gt"]
    values: Annotated[list[str], Field(min_length=1)]


class Taint(Kind):
    """What keeps other pods away."""

    key: str
    value: str
    effect: Literal["NoSchedule"]


class NodeSpec(Kind):
    """What each node of a pool is."""

    nodeClassRef: NodeClassReference
    requirements: list[Requirement]
    taints: list[Taint]
    expireAfter: Duration
    terminationGracePeriod: Duration


class Template(Kind):
    """Node template."""

    spec: NodeSpec


class Budget(Kind):
    """How many nodes may be emptied at once: a number or a percentage, as text."""

    nodes: Annotated[str, Field(pattern=r"^[0-9]+%?$")]


class Disruption(Kind):
    """When nodes are emptied of free will."""

    consolidationPolicy: Literal["WhenEmpty", "WhenEmptyOrUnderutilized"]
    consolidateAfter: Duration
    budgets: list[Budget]


class Limits(Kind):
    """A Kubernetes quantity."""

    cpu: Annotated[str, Field(pattern=r"^[0-9]+m?$")]


class NodePool(Kind):
    """karpenter.sh/v1, as EKS Auto Mode takes it."""

    template: Template
    limits: Limits
    disruption: Disruption


KINDS: dict[str, type[Kind]] = {kind.__name__: kind for kind in (TargetGroupBinding, NodeClass, NodePool)}
"""Model of `spec` by the name of the kind."""

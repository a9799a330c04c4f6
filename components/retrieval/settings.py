"""What a stack decides about its OpenSearch domain."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.common.alarm import Percent
from components.common.model import Locally, LogRetentionDays, Settings, example
from components.common.spelling import Spelling

_FROM_LARGE: Final = ("large", "xlarge", "2xlarge", "4xlarge")
INSTANCE_TYPES: Final[Mapping[str, Sequence[str]]] = {
    "t3": ("small", "medium"),
    **dict.fromkeys(("r6g", "r7g"), _FROM_LARGE),
}
"""Families and sizes that a stack can choose: Graviton with EBS storage, and the small ones for trials."""
_MOST_GIB: Final[Mapping[str, int]] = {"small": 100, "medium": 200, "large": 512, "xlarge": 1024}
"""Largest volume by size (OpenSearch Service developer guide, Quotas, "EBS volume size quotas"); larger sizes take
more, of which a node here may have `_MOST_GIB_OF_ALL`."""
_MOST_GIB_OF_ALL: Final = 1536


def instance_type(text: str) -> str:
    """Refuse a type that is not in the list, such as one without EBS storage. Raises `ValueError`."""
    family, size, _ = text.split(".")
    if size not in INSTANCE_TYPES.get(family, ()):
        shown = "; ".join(f"{name}: {', '.join(sizes)}" for name, sizes in INSTANCE_TYPES.items())
        raise ValueError(f"{text} is none of the types that this program can make (family: sizes). {shown}")
    return text


InstanceType = Annotated[
    str,
    Spelling(
        pattern=r"^[a-z][a-z0-9]+\.[a-z0-9]+\.search$",
        is_="an instance type of OpenSearch Service: family, size and `search`, parted by dots",
        examples=["r7g.large.search"],
        wrong=(
            (r"\.elasticsearch$", "it is named for Elasticsearch"),
            (r"^db\.|^cache\.", "it is of another service"),
            (r"[A-Z]", "it has capitals"),
            (r"^(?!.*\.search$)", "it does not end with .search"),
        ),
    ),
    AfterValidator(instance_type),
]


class RetrievalThresholds(Settings):
    """When an alarm goes off; alarms need `flowise:observability`."""

    free_storage_percent: Percent = 25
    """Free storage of a node, of what it has (AWS: 25)."""
    cpu_percent: Percent = 80
    """CPU of a node, three quarters of an hour long (AWS: 80)."""
    memory_percent: Percent = 95
    """Memory of Java on a node (AWS: 95)."""


class RetrievalSettings(Settings):
    """An OpenSearch domain for the vectors of retrieval flows (docs/retrieval.md)."""

    model_config = example(instance_type="r7g.large.search", volume_gib=100, zones=2, nodes=4)
    locally: ClassVar = Locally(  # no package registry has OpenSearch's server
        note="no OpenSearch runs here; vectors are in PostgreSQL with pgvector (docs/retrieval.md)",
        instead={"retrieval": None, "database.vectors": True},
    )

    opensearch_version: Literal["2.19", "3.1"] = "2.19"
    """Version of the engine; a lower one later would replace the domain, and its vectors with it."""
    instance_type: InstanceType
    """Size of a data node. Half of its memory is for Java, up to 32 GiB; vectors searched by faiss lie in the rest."""
    zones: Literal[1, 2, 3] = 3
    """Zones with data nodes, the first of `network.zones`. A change replaces the domain, which a protected stack
    refuses."""
    nodes: Annotated[int, Field(ge=1, le=30)] = 3
    """Data nodes, a multiple of `zones`. With three in three zones the domain outlives the loss of one."""
    volume_gib: Annotated[int, Field(ge=10, le=_MOST_GIB_OF_ALL)]
    """Storage of each data node (gp3)."""
    dedicated_master_type: InstanceType | None = None
    """Three nodes that only manage the cluster; none: data nodes do that too. AWS advises them for production."""
    update_hour_utc: Annotated[int, Field(ge=0, le=23)] = 22
    """Hour (UTC) at which the ten hours begin in which AWS may install updates of its service software."""
    log_retention_days: LogRetentionDays = 90
    """Days to keep the logs of errors and of access in CloudWatch."""
    thresholds: RetrievalThresholds = RetrievalThresholds()
    """When an alarm goes off."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.nodes % self.zones:
            raise ValueError(
                f"nodes {self.nodes} is no multiple of zones {self.zones}, and a zone would hold more than another; "
                f"set nodes to {self.zones * max(1, round(self.nodes / self.zones))}, or choose fewer zones"
            )
        most = _MOST_GIB.get(self.instance_type.split(".")[1], _MOST_GIB_OF_ALL)
        if self.volume_gib > most:
            raise ValueError(
                f"volume_gib {self.volume_gib} is more than a node of {self.instance_type} takes ({most}); "
                "choose a larger instance_type, or more nodes"
            )
        return self

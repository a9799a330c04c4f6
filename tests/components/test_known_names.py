"""Names that replace a resource are known in every preview, also while what they name is being made."""

import pytest
from pulumi.output import Unknown

from tests.conftest import recorded

REPLACED_BY_ITS_CLUSTER = (
    "aws:eks/addon:Addon",  # clusterName: "Forces new resource" (pulumi-aws 7.51, eks.Addon)
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",  # clusterName, the same
)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_name_of_the_cluster_is_known_before_the_cluster_exists(stack: str) -> None:
    found = [r for type_ in REPLACED_BY_ITS_CLUSTER for r in recorded(stack, preview=True).of_type(type_)]
    assert len(found) >= 2
    assert {r.inputs["clusterName"] for r in found if not isinstance(r.inputs["clusterName"], Unknown)} == {
        f"flowise-{stack}"
    }
    assert not [r.name for r in found if isinstance(r.inputs["clusterName"], Unknown)]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_what_names_the_cluster_is_made_after_it(stack: str) -> None:
    recording = recorded(stack)
    cluster = recording.only("eks:index:Cluster").urn
    for type_ in REPLACED_BY_ITS_CLUSTER:
        for record in recording.of_type(type_):
            assert cluster in record.depends_on, record.name

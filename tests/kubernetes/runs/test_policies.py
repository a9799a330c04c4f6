"""The policy pack over what Pulumi's own Kubernetes provider answers, before the cluster exists and after."""

from itertools import islice

from engine.kubernetes import live_cluster
from engine.proofs import life_cycle
from engine.sandbox import find_project, sandbox


def test_the_first_preview_and_update_of_prod_pass_the_policy_pack() -> None:
    with live_cluster() as live, sandbox(moto=False, live=live) as box:
        preview, update = islice(life_cycle(box, find_project("prod")), 2)
    assert (preview.claim, preview.detail if not preview.holds else "") == (
        "the first preview passes, with the policy pack",
        "",
    )
    assert (update.claim, update.detail if not update.holds else "") == (
        "the first update passes, with the policy pack",
        "",
    )

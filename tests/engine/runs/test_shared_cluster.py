"""Two teams on one cluster through Pulumi's engine: neither is in the other's way, and one goes without the other."""

from engine.proofs import failure
from engine.sandbox import find_project, sandbox


def test_a_team_comes_and_goes_while_another_stays() -> None:
    with sandbox(moto=False) as box:
        stays, goes = (box.stack(find_project(team)) for team in ("team-b", "team-c"))
        assert failure(stays.up(policies=False)) == []
        before = dict(box.cluster.objects)
        assert before
        assert failure(goes.up(policies=False)) == []
        assert len(box.cluster.objects) > len(before)
        assert failure(goes.destroy()) == []
        assert box.cluster.objects == before
        again = stays.preview(policies=False)
        assert failure(again) == []
        assert again.changes == ()

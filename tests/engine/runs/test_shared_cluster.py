"""Two teams on one cluster through Pulumi's engine: neither is in the other's way, and one goes without the other."""

from engine.proofs import failure
from engine.sandbox import find_project, sandbox


def test_a_team_comes_and_goes_while_another_stays() -> None:
    with sandbox(moto=False) as box:
        stays, goes = (box.stack(find_project(team)) for team in ("team-b", "team-c"))
        first = stays.up(policies=False)
        assert failure(first) == []
        told = "resource registration prepared: ty=flowise:app:FlowiseApp"
        assert any(told in message for message in first.debug), "they are searched for secrets"
        assert told not in first.event_log.read_text("utf-8")
        before = dict(box.cluster.objects)
        assert before
        assert failure(goes.up(policies=False)) == []
        assert len(box.cluster.objects) > len(before)
        assert failure(goes.destroy()) == []
        assert box.cluster.objects == before
        again = stays.preview(policies=False)
        assert failure(again) == []
        assert again.changes == ()

"""Every example through Pulumi's engine: what the first preview shows is made, and nothing is left to do."""

import pytest

from analysis.stackfiles import example_names
from engine.proofs import failure
from engine.sandbox import find_project, sandbox
from settings import parse_settings


@pytest.mark.parametrize("name", example_names())
def test_an_example_is_deployed_as_it_was_previewed(name: str) -> None:
    with sandbox(moto=False) as box:
        project = find_project(name)
        cluster = parse_settings(project.config.values, project.config.secret_keys, name).cluster
        box.cluster.installed |= set(cluster.existing.confirmed if cluster.existing else ())
        engine = box.stack(project)
        preview = engine.preview()
        assert failure(preview) == []
        update = engine.up(policies=False)  # the preview has asked the pack
        assert failure(update) == []
        assert {(s.op, s.urn) for s in update.changes} == {(s.op, s.urn) for s in preview.changes}
        again = engine.preview(policies=False)
        assert failure(again) == []
        assert again.changes == ()

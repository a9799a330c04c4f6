"""`flowise:runner`: where deployments run."""

from collections.abc import Mapping, Sequence

from analysis.diagram import labels
from analysis.diagram.model import NETWORK, Arrow, Part

PARTS: Mapping[str, Part] = {
    "runner": Part(
        shows="aws:codebuild/project:Project",
        label=labels.text("runner of", "deployments"),
        group="private",
        of="DeployRunner",
        pictures=(NETWORK,),
    ),
}
ARROWS: Sequence[Arrow] = (Arrow(start="runner", end="nat", label="GitHub, AWS"),)

"""Which distribution of Flowise an image holds: Flowise itself, or a fork that differs in what is named here."""

import json
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from components.common.model import Settings
from components.common.spelling import Spelling

FLOWISE: Final = "flowise"
"""The package of Flowise itself."""

PackageName = Annotated[
    str,
    Spelling(
        pattern=r"^(@[a-z0-9][a-z0-9._-]{0,99}/)?[a-z0-9][a-z0-9._-]{0,99}$",
        is_="the name of a Node package",
        examples=["flowise", "@acme/flowise"],
        wrong=((r"[A-Z]", "it has capital letters"), (r"node_modules", "it is a path, not a name")),
        find="It stands in the package.json of the fork's server",
    ),
]
"""Folder below `node_modules`, too."""

ImageRoot = Annotated[
    str,
    Spelling(
        pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){1,8}$",
        is_="an absolute path in the image",
        examples=["/opt/flowise", "/srv/app"],
        wrong=((r"^[^/]", "it does not begin with /"), (r"/$", "it ends in /"), (r"\.\.", "it has ..")),
        find="`docker inspect IMAGE --format '{{.Config.WorkingDir}}'` prints the usual one",
    ),
]

ProgramPath = Annotated[
    str,
    Spelling(
        pattern=r"^[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,99}(/[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,99}){0,9}$",
        is_="the path of a JavaScript program below `root`",
        examples=["node_modules/flowise/bin/run"],
        wrong=((r"^/", "it begins with /"), (r"^node ", "it holds the word node, which the program adds")),
    ),
]

UrlPath = Annotated[
    str,
    Spelling(
        pattern=r"^/[A-Za-z0-9/_.-]{1,150}$",
        is_="a path of a URL",
        examples=["/api/v1/ping"],
        wrong=((r"^https?:", "it is a whole URL"), (r"^[^/]", "it does not begin with /")),
    ),
]

MigrationName = Annotated[
    str,
    Spelling(
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,150}$",
        is_="the name of a migration's class",
        examples=["AddScheduleEntities1772000000000"],
        wrong=((r"\.(js|ts)$", "it is a file"),),
    ),
]


class DistributionSettings(Settings):
    """What the image's Flowise has otherwise than Flowise 3.1.4 in an image of this repository (docs/fork.md).

    Environment variables, API and database schema are Flowise's; what of them differs is named here.
    """

    package: PackageName = FLOWISE
    """Package of the server, below `node_modules`."""
    components_package: PackageName = "flowise-components"
    """Package of the nodes, below `node_modules`."""
    root: ImageRoot = "/opt/flowise"
    """Folder of the image that holds `node_modules`, `preload.cjs`, `preload`, `scripts` and `certs`."""
    program: ProgramPath | None = None
    """What Node.js runs, with the word `start` or `worker` after it; none: `bin/run` of the package."""
    user_id: Annotated[int, Field(ge=1, le=65535)] = 1000
    """User and group that the processes run as; never root."""
    node_major: Annotated[int, Field(ge=20, le=99)] = 24
    """Major version of Node.js in the image. With another one Flowise is not started."""
    owner_account: Literal["registration", "none"] = "registration"
    """How the first account is made. `registration`: a Job registers `owner` as Flowise does. `none`: the fork has a
    login of its own, no Job runs, and the fork must not give the instance to whoever comes first."""
    liveness_path: UrlPath = "/api/v1/ping"
    """Answers 200 as long as the process lives, without asking the database."""
    guards: Literal["refuse", "aside"] = "refuse"
    """What becomes of a fix in `image/preload/guards` whose file of Flowise 3.1.4 the image does not hold. `refuse`:
    Flowise is not started. `aside`: the fix is left out, and each start names it in the log; the fork must have closed
    the fault itself. `app.code_execution: off` is never left out: with `aside`, too, it must fit."""
    added_paths: Annotated[list[UrlPath], Field(max_length=100)] = []
    """Paths that the fork answers without a login and Flowise 3.1.4 does not. They belong to the admin plane."""
    missing_paths: Annotated[list[UrlPath], Field(max_length=100)] = []
    """Paths that Flowise 3.1.4 answers without a login and the fork does not."""
    added_migrations: Annotated[list[MigrationName], Field(max_length=500)] = []
    """Migrations of PostgreSQL that the fork has and Flowise 3.1.4 has not. None of Flowise's may be missing."""

    @property
    def entry(self) -> str:
        """What Node.js runs, below `root`."""
        return self.program or f"node_modules/{self.package}/bin/run"

    def variables(self, version: str) -> dict[str, str]:
        """Variables by which preload, migration and owner Job know the fork; none for Flowise itself."""
        if self == DistributionSettings():
            return {}
        described = {
            "package": self.package,
            "componentsPackage": self.components_package,
            "version": version,
            "program": self.entry,
            "nodeMajor": self.node_major,
            "guards": self.guards,
            "livenessPath": self.liveness_path,
        }
        return {"FLOWISE_DISTRIBUTION": json.dumps(described, sort_keys=True)}

    @model_validator(mode="after")
    def _check(self) -> Self:
        if both := sorted({*self.added_paths} & {*self.missing_paths}):
            raise ValueError(f"{', '.join(both)} cannot be in added_paths and in missing_paths; keep one of them")
        return self

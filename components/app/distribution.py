"""Which distribution of Flowise an image holds: Flowise itself, or a fork that differs in what is named here."""

import json
import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from components.common.model import AS_A_SET, Settings
from components.common.planes import FLOWISE_PLANES, PUBLIC_PAGES, Planes
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

_A_FUNCTION = re.compile(r"^/(?:api/)?(?!api/)[^/]+/[^/]+")
"""Least that a public path names: one function of an API."""
_LONGEST_PATH = 120
"""A path pattern of a load balancer has 128 characters (Application Load Balancer, listener rules)."""
_MOST_CHARACTERS = 500
"""Of all public paths and pages of a fork; with Flowise's own they fill the ten patterns of AWS WAF at worst."""

UrlPath = Annotated[
    str,
    Spelling(
        pattern=r"^(/\.?[A-Za-z0-9_-][A-Za-z0-9_.-]{0,149}){1,12}/?$",
        is_="a path of a URL",
        examples=["/api/v1/ping"],
        wrong=(
            (r"^https?:", "it is a whole URL"),
            (r"^[^/]", "it does not begin with /"),
            (r"//|/\.\.?(/|$)", "it has a part that is empty or nothing but dots"),
        ),
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
    added_paths: Annotated[list[UrlPath], Field(max_length=100), AS_A_SET] = []
    """Paths that the fork answers without a login and Flowise 3.1.4 does not. They belong to the admin plane, unless
    `public_paths` names them."""
    public_paths: Annotated[list[UrlPath], Field(max_length=10)] = []
    """Of `added_paths`, what visitors of a chat and callers of a flow need: whoever reaches the stack reaches these.
    Whatever begins so is public."""
    sign_in_paths: Annotated[list[UrlPath], Field(max_length=5)] = []
    """Of `added_paths`, those on which passwords can be guessed or mails be sent; the firewall counts requests to them
    by themselves."""
    public_pages: Annotated[list[UrlPath], Field(min_length=1, max_length=12)] = [*PUBLIC_PAGES]
    """What the page of a chat and that of a shared execution consist of, outside of the API."""
    missing_paths: Annotated[list[UrlPath], Field(max_length=100), AS_A_SET] = []
    """Paths that Flowise 3.1.4 answers without a login and the fork does not. None of them is public."""
    added_migrations: Annotated[list[MigrationName], Field(max_length=500), AS_A_SET] = []
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

    @property
    def planes(self) -> Planes:
        """Which paths of the fork are public, and which are counted as sign-in."""
        return FLOWISE_PLANES.changed(
            public=self.public_paths,
            sign_in=self.sign_in_paths,
            missing=self.missing_paths,
            pages=tuple(self.public_pages),
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if both := sorted({*self.added_paths} & {*self.missing_paths}):
            raise ValueError(f"{', '.join(both)} cannot be in added_paths and in missing_paths; keep one of them")
        for name, paths in (("public_paths", self.public_paths), ("sign_in_paths", self.sign_in_paths)):
            if others := sorted({*paths} - {*self.added_paths}):
                raise ValueError(
                    f"{name} has {', '.join(others)}, which added_paths does not name; add them there first"
                )
        if wide := [path for path in self.public_paths if not _A_FUNCTION.search(path)]:
            raise ValueError(
                f"public_paths has {', '.join(wide)}: so short a beginning would open more than one function"
            )
        if api := [page for page in self.public_pages if page.startswith("/api") or "/api/".startswith(page)]:
            raise ValueError(f"public_pages has {', '.join(api)}, which opens paths of the API; those are public_paths")
        yours = [path.replace(".", "[.]") for path in (*self.public_paths, *self.public_pages)]
        if max(map(len, yours)) > _LONGEST_PATH or sum(map(len, yours)) > _MOST_CHARACTERS:
            raise ValueError(
                f"public_paths and public_pages have more than {_LONGEST_PATH} characters in one or {_MOST_CHARACTERS} "
                "in all (a dot counts three times), which the firewall's patterns do not hold; name common beginnings"
            )
        if long := [path for path in self.sign_in_paths if len(path.replace(".", "[.]")) > _LONGEST_PATH]:
            raise ValueError(
                f"sign_in_paths has {', '.join(long)}, of more than {_LONGEST_PATH} characters (a dot counts three "
                "times), which the firewall's patterns do not hold; name a common beginning"
            )
        return self

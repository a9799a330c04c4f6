"""docs/rights.md: resource type, actions, roles."""

from collections.abc import Sequence

from analysis.rights.account import recorded_account
from analysis.rights.actions import CHANGES, missing, needs
from analysis.rights.stacks import STACKS, recordings, types
from analysis.stackfiles import ROOT

PATH = ROOT / "docs" / "rights.md"
_HEAD = """# Who may do what to which resource

Which calls of AWS each type of resource needs, and which roles of `bootstrap/` may make them. This page is made
by `make docs` from `components/common/catalogue`, which holds what the AWS provider calls, from recordings of
dev, prod and bootstrap, and from the policies that bootstrap renders. A type that is not in it, or an action that a
role lacks, fails `tests/rights/test_rights_table.py`.

- **reads**: `preview` (each stack's own role) and `drift`. *no role*: reading it shows contents, so none may, and drift
    detection leaves it out.
- **changes**: `deploy` is the deploying role of each stack, by its policy and its permissions boundary both, on
    resources of its own stack alone. A person changes what bootstrap makes.
- **in**: stacks that hold the type as they are shipped; *on request* when only an optional section adds it.

Objects of Kubernetes are not here: the cluster decides about them ([decision 24](decisions/0024-previews-read.md)).
"""


def page() -> str:
    """The page as Markdown."""
    found = {name: types(recording) for name, recording in {**recordings(), "bootstrap": recorded_account()}.items()}
    titles = ("resource type", "in", "read", "create, update, delete", "reads", "changes")
    lines = [_HEAD, f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    lines += [_row(type_, found) for type_ in sorted(set[str]().union(*found.values()))]
    return "\n".join(lines) + "\n"


def _row(type_: str, found: dict[str, set[str]]) -> str:
    need = needs()[type_]
    stacks = [stack for stack in STACKS if type_ in found[stack] or type_ in found[f"{stack}, everything on"]]
    where = [name for name in (*STACKS, "bootstrap") if type_ in found[name]] or ["on request"]
    changes = list(dict.fromkeys(action for part in CHANGES for action in need.get(part, [])))
    read = need.get("read", need.get("contents", []))
    readers = [role for role in ("preview", "drift") if _may(role, STACKS, read)]
    changers = ["deploy"] if stacks and _may("deploy", stacks, changes) else []
    changers += ["a person"] if type_ in found["bootstrap"] else []
    cells = (
        f"`{type_.removeprefix('aws:')}`",
        ", ".join(where),
        _code(read),
        _code(changes),
        ", ".join(readers) or "no role",
        ", ".join(changers),
    )
    return f"| {' | '.join(cells)} |"


def _may(role: str, stacks: Sequence[str], actions: list[str]) -> bool:
    """Whether a role may do all of it in each of these stacks; there is one for each, but one for drift detection."""
    return not any(missing(role if role == "drift" else f"{role}-{stack}", stack, actions) for stack in stacks)


def _code(actions: list[str]) -> str:
    return ", ".join(f"`{action}`" for action in actions)

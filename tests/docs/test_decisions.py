"""The table of decisions is made from the decisions, and refuses one that it cannot list."""

import pytest

from pages.decisions import PATH, page, rows
from pages.site import markdown_pages as pages

_FIRST = {"0001-cold.md": "# 1. Ice is cold\n\n**Decision.** It is."}


def test_each_decision_has_its_row() -> None:
    files = {path.name for path in PATH.parent.glob("*.md")} - {"README.md"}
    assert {link.path.rpartition("/")[2] for link in pages.links("docs/decisions/README.md", page())} == files
    assert rows({"0002-hot.md": "# 2. Fire is hot\n", **_FIRST}) == [
        "| [1](0001-cold.md) | Ice is cold |\n",
        "| [2](0002-hot.md) | Fire is hot |\n",
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("0002-hot.md", "# Fire is hot\n", "docs/decisions/0002-hot.md: begin it with `# 2. ` and what was decided"),
        ("0002-hot.md", "# 3. Fire is hot\n", "docs/decisions/0002-hot.md: begin it with `# 2. `"),
        ("0001-hot.md", "# 1. Fire is hot\n", "docs/decisions/0001-hot.md: number 1 is taken; rename it to the next"),
    ],
)
def test_a_decision_that_cannot_be_listed_is_refused(name: str, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rows({**_FIRST, name: text})

"""The site: what its strict build refuses, where links out of docs/ lead, and that it needs no other host."""

# load_config takes settings of any type.
# pyright: reportUnknownVariableType=false

import json
import logging
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig

from analysis.stackfiles import ROOT
from pages.site import markdown_pages as pages
from tests.docs.settings_blocks import Special, blocks

_LOADED: Final = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
_LOADING: Final = re.compile(rf"""<(?:{"|".join(_LOADED)})\b(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
"""Whole tags that load something."""


class Loaded(HTMLParser):
    """What a browser loads for a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_data(self, data: str) -> None:
        """Note what a reader sees."""
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is loaded."""
        values = dict(attrs)
        if tag in _LOADED and values.get("rel") not in {"next", "prev", "canonical"}:
            self.urls += [url for url in [values.get(_LOADED[tag])] if url]
        if tag == "a":
            self.links += [url for url in [values.get("href")] if url]


def configuration(**instead: Any) -> MkDocsConfig:
    """Settings of this repository's site, with some of them replaced."""
    return load_config(str(ROOT / "mkdocs.yml"), **instead)


def make(docs: Path, site: Path, nav: Sequence[str] | None = None) -> Path:
    """Build the site of a folder, with the settings and hooks of this repository."""
    config = configuration(docs_dir=str(docs), site_dir=str(site), **({"nav": list(nav)} if nav else {}))
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of docs/."""
    return make(ROOT / "docs", tmp_path_factory.mktemp("site"))


def read(page: Path) -> Loaded:
    """A page of the site."""
    loaded = Loaded()
    loaded.feed(page.read_text(encoding="utf-8"))
    return loaded


def loaded_by(page: Path) -> list[str]:
    """What a browser loads for a page; the rest of the page is not taken apart."""
    tags = Loaded()
    tags.feed("</script>".join(_LOADING.findall(page.read_text(encoding="utf-8"))))
    return tags.urls


def test_a_browser_loads_nothing_from_another_host(site: Path) -> None:
    made = sorted(site.rglob("*.html"))
    assert len(made) > len(list((ROOT / "docs").rglob("*.md")))
    elsewhere = {(page.name, url) for page in made for url in loaded_by(page) if "//" in url or url.startswith("data:")}
    assert elsewhere == set()
    imported = {path.name for path in site.rglob("*.css") if "url(http" in path.read_text(encoding="utf-8")}
    assert imported == set()


def test_the_readme_is_the_first_page_and_leads_into_the_site(site: Path) -> None:
    found = read(site / "index.html").links
    assert "local/" in found
    assert "settings/" in found
    assert "repository/LICENSE/" in found
    assert not [url for url in found if url.endswith(".md")]


def test_the_search_puts_what_to_do_before_why_it_is_so(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    boosts = {page["location"]: page.get("boost", 1) for page in index["docs"]}
    reasons = [boost for location, boost in boosts.items() if location.startswith("decisions/0")]
    assert len(reasons) > 70
    assert max(reasons) < boosts["runbooks/database-slow/"] < boosts["settings/"]
    assert re.split(index["config"]["separator"], "flowise:database instance_class") == [
        "flowise",
        "database",
        "instance_class",
    ]


def test_links_out_of_docs_lead_to_what_they_name(site: Path) -> None:
    assert "../repository/image/" in read(site / "upgrade-flowise" / "index.html").links
    code = (site / "repository" / "components" / "queue.py" / "index.html").read_text(encoding="utf-8")
    assert "FlowiseQueue" in code


LINKS: Final = {
    "right": ("[x](b.md) [x](b.md#there) [x](../components/queue.py) [x](../image/README.md) [x](../components)", None),
    "anchor": ("[x](b.md#nowhere)", "does not contain an anchor '#nowhere'"),
    "page": ("[x](missing.md)", "'missing.md', but the target is not found"),
    "file": ("[x](../components/missing.py)", "'../components/missing.py', but the target is not found"),
    "anchor-outside": ("[x](../image/README.md#nowhere)", "does not contain an anchor '#nowhere'"),
    "picture": ("![x](missing.png)", "'missing.png', but the target is not found"),
    "absolute": ("[x](/b.md)", "absolute link '/b.md'"),
}
"""Pages, by name, and what a strict build says of each."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A site with mistakes, and the warnings of its build, each of which a strict one refuses."""
    docs, site = tmp_path_factory.mktemp("docs"), tmp_path_factory.mktemp("site")
    (docs / "decisions").mkdir()
    pages_of_it = {name: f"# A\n\n{text}\n" for name, (text, _) in LINKS.items()} | {
        "b": "# B\n\n## There\n",
        "lost": "# Lost\n",
        **{f"decisions/{name}": f"# {name}\n" for name in ("0002-second", "0001-first", "README")},
    }
    for name, text in pages_of_it.items():
        (docs / f"{name}.md").write_text(text, encoding="utf-8")
    warnings = Warnings()
    logging.getLogger("mkdocs").addHandler(warnings)
    try:
        make(
            docs,
            site,
            ["index.md", "b.md", *(f"{name}.md" for name in LINKS), "decisions/README.md", "decisions/0*.md"],
        )
    finally:
        logging.getLogger("mkdocs").removeHandler(warnings)
    return site, warnings.messages


class Warnings(logging.Handler):
    """Keeps what a build warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self.messages.append(record.getMessage())


@pytest.mark.parametrize("name", LINKS)
def test_a_strict_build_refuses_what_leads_nowhere(name: str, small: tuple[Path, list[str]]) -> None:
    says = LINKS[name][1]
    about = [message for message in small[1] if f"'{name}.md'" in message]
    assert [says in message for message in about] == [True] if says else about == []


def test_an_entry_with_a_star_gives_every_such_page_its_place(small: tuple[Path, list[str]]) -> None:
    site, warnings = small
    assert not [message for message in warnings if '"nav"' in message and "decisions/" in message]
    links = read(site / "decisions" / "0001-first" / "index.html").links
    assert links.index("../") < links.index("./") < links.index("../0002-second/")


def test_a_strict_build_refuses_a_page_without_a_place(small: tuple[Path, list[str]]) -> None:
    (left_out,) = [message for message in small[1] if 'not included in the "nav"' in message]
    assert "lost.md" in left_out


def test_the_gate_builds_the_site_strictly_into_a_folder_that_git_ignores() -> None:
    recipe = pages.read("Makefile").split("\ncheck: ")[1].split("\n\n")[0].splitlines()
    assert "\t$(MKDOCS) build --strict" in recipe, "--quiet would hide the warnings from --strict too"
    assert configuration().site_dir == str(ROOT / ".site")
    assert ".site/" in pages.read(".gitignore").splitlines()


def test_a_comment_about_settings_is_not_shown(site: Path) -> None:
    commented = {Path(block.page) for block in blocks() if block.special != Special()}
    assert commented
    for path in commented:
        folder = site / path.with_suffix("")
        page = (folder.parent if path.stem == "index" else folder) / "index.html"
        built = read(page)
        assert "settings: {" not in built.text, page
        assert "flowise:" in built.text, page

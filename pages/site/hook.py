"""What the site has besides docs/: the README as its first page, and the files of the repository that pages link to.

An entry of the navigation such as `decisions/0*.md` stands for every page of that form, by name.

A link such as `../image/README.md` or `../components` works on a Git host as it is. Here it leads to a page under
`repository/` that shows the file; mkdocs then checks it like any other link.
"""

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from pages.site import markdown_pages as pages

_FIRST: Final = "README.md"
_DOCS: Final = "docs/"
_BOOST: Final = {
    "docs/settings.md": 3,
    "CONTRIBUTING.md": 2,
    "docs/decisions/": 0.2,
    "CHANGELOG.md": 0.2,
    "findings/": 0.2,
}
"""How far up the search puts a page: what to do comes before why it is so. Eighty decisions hold nearly every word."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the pages that an entry of the navigation with `*` stands for."""
    nav = cast("list[Any]", config["nav"])
    config.nav = list(_listed(nav, Path(config.docs_dir)))
    return config


def _listed(nav: Sequence[Any], docs: Path) -> Iterator[Any]:
    for entry in nav:
        if isinstance(entry, dict):
            ((title, inside),) = cast("dict[str, Any]", entry).items()
            yield {title: inside if isinstance(inside, str) else list(_listed(inside, docs))}
        elif "*" in entry:
            yield from sorted(path.relative_to(docs).as_posix() for path in docs.glob(entry))
        else:
            yield entry


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for everything outside docs/ that a page links to, starting with the README."""
    texts = {_DOCS + file.src_uri: file.content_string for file in files.documentation_pages()}
    wanted = [_FIRST, *texts]
    for name in wanted:  # grows
        if name not in texts:
            files.append(File.generated(config, _source(name), content=_content(name)))
        if name.endswith(".md"):
            reached = dict.fromkeys(link.path for link in pages.links(name, texts.get(name) or pages.read(name)))
            wanted += [path for path in reached if path not in wanted and _is_shown(path)]
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links out of docs/ and back lead to the pages of the site."""
    del config, files
    name = _name(page.file.src_uri)
    for start, boost in _BOOST.items():
        if name.startswith(start):
            page.meta.setdefault("search", {"boost": boost})
    here = posixpath.dirname(page.file.src_uri)
    for link in pages.links(name, markdown) if name.endswith(".md") else ():
        inside = name.startswith(_DOCS) and link.path.startswith(_DOCS)
        if link.path != name and not inside and _exists(link.path):
            leads_to = posixpath.relpath(_source(link.path), here or ".")
            anchor = f"#{link.anchor}" if link.anchor else ""
            markdown = markdown.replace(f"]({link.written})", f"]({leads_to}{anchor})")
    return markdown


def _is_shown(path: str) -> bool:
    return _exists(path) and not path.startswith(_DOCS)


def _exists(path: str) -> bool:
    return path in pages.tracked() or path in pages.folders()


def _source(name: str) -> str:
    """Where the site has a file of the repository."""
    if name.startswith(_DOCS):
        return name.removeprefix(_DOCS)
    if name == _FIRST:
        return "index.md"
    return f"repository/{name}" if name.endswith(".md") else f"repository/{name}.md"


def _name(source: str) -> str:
    """The file of the repository behind a page."""
    if source == "index.md":
        return _FIRST
    if not source.startswith("repository/"):
        return _DOCS + source
    name = source.removeprefix("repository/")
    return name if name in pages.tracked() else name.removesuffix(".md")


def _content(name: str) -> str:
    if name.endswith(".md"):
        return pages.read(name)
    if name in pages.folders():
        inside = sorted(path for path in pages.tracked() if path.startswith(f"{name}/"))
        return "\n".join([f"# `{name}/`", "", *(f"- `{path}`" for path in inside)])
    language = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}.get(
        PurePosixPath(name).suffix, "text"
    )
    return f"---\nsearch:\n  exclude: true\n---\n# `{name}`\n\n~~~~~~{language}\n{pages.read(name)}\n~~~~~~\n"

"""`make release-check`, `make release`: what a tag publishes. Needs Python alone: who may write installs nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_SECTION = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\S+))?\s*$", re.MULTILINE)
_LINK = re.compile(r"^\[[^\]]+\]: ", re.MULTILINE)
_UNRELEASED = "Unreleased"


class ReleaseError(Exception):
    """Tag, VERSION, CHANGELOG.md and branch do not agree. The message lists all that is wrong and what to do."""


def notes(tag: str, version: str, changelog: str) -> str:
    """Return the text of a release: the section of the changelog. Raises `ReleaseError`."""
    version = version.strip()
    problems: list[str] = []
    if not _VERSION.fullmatch(version):
        problems.append(f"VERSION: {version or 'nothing'} is no version; it looks like 1.4.0")
    elif tag != f"v{version}":
        problems.append(f"tag {tag}: VERSION says {version}; tag the commit that raised it, as v{version}")
    sections = _sections(changelog)
    released = [name for name, _, _ in sections if name != _UNRELEASED]
    body = {name: text for name, _, text in sections}.get(version, "")
    if version not in released:
        problems.append(f"CHANGELOG.md: has no section `## [{version}] - YYYY-MM-DD`; name what is unreleased so")
    elif released[0] != version:
        problems.append(f"CHANGELOG.md: its newest section is {released[0]}, and VERSION is {version}")
    elif not body:
        problems.append(f"CHANGELOG.md: the section {version} is empty; say what changes for whoever upgrades")
    for name, date, _ in sections:
        if name != _UNRELEASED and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
            problems.append(f"CHANGELOG.md: the section {name} needs the day of its release, `- YYYY-MM-DD`")
    if problems:
        raise ReleaseError("\n".join(f"  - {problem}" for problem in problems))
    return f"{body}\n"


def require_branch(root: Path, branch: str) -> None:
    """Raise `ReleaseError` where the commit that is checked out is not one of the branch on GitHub."""
    known = f"refs/remotes/origin/{branch}"
    if _git(root, "rev-parse", "--verify", "--quiet", known):
        raise ReleaseError(f"  - branch {branch}: origin/{branch} is not here; fetch it with its whole history")
    if _git(root, "merge-base", "--is-ancestor", "HEAD", known):
        raise ReleaseError(
            f"  - branch {branch}: the commit is not on it; merge it first, then tag the commit that is on {branch}"
        )


def _git(root: Path, *command: str) -> int:
    return subprocess.run(["git", "-C", str(root), *command], capture_output=True, check=False).returncode


def _sections(changelog: str) -> list[tuple[str, str, str]]:
    """Version, day and text of every section, in the order of the file."""
    headings = list(_SECTION.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    return [
        (heading["version"], heading["date"] or "", _LINK.split(changelog[heading.end() : end])[0].strip())
        for heading, end in zip(headings, ends, strict=True)
    ]


def main(root: Path = _ROOT) -> None:
    """Print the text of the release that TAG names; without TAG, of the one that VERSION names.

    With BRANCH the commit must be on that branch: what nobody has reviewed is not released.
    """
    version = (root / "VERSION").read_text(encoding="utf-8").strip()
    tag = os.environ.get("TAG") or f"v{version}"
    try:
        text = notes(tag, version, (root / "CHANGELOG.md").read_text(encoding="utf-8"))
        if branch := os.environ.get("BRANCH"):
            require_branch(root, branch)
    except ReleaseError as error:
        sys.exit(f"{tag} cannot be released:\n{error}")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()

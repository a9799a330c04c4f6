#!/usr/bin/env bash
# A Pulumi component that others shall use cannot come from a file with `from __future__ import annotations`.
#
# What: Pulumi reads the annotations of a component's __init__ to write the schema with which other languages use it
#   (`pulumi package add`, component_provider_host). The type of `args` is taken as it stands; where annotations are
#   text, as that import makes them, or where 'Args' is quoted, the analyzer ends with an AttributeError about
#   `__mro__`, which names neither the component nor the import. The fields of the arguments may be quoted: those are
#   resolved.
# Versions: pulumi 3.272.0 (pulumi.provider.experimental). A search of its documentation and issues found nothing
#   about it.
# Why it matters: the import is the usual remedy for names that are defined further down, and a linter can be told to
#   add it everywhere. A program runs with it; the same component fails when it is packed for others.
# Here: no file of components/ has the import, and none is packed as a provider.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pulumi==3.272.0

cat > "$work/plain.py" <<'PYTHON'
from typing import Optional, TypedDict

import pulumi


class SiteArgs(TypedDict):
    domain: pulumi.Input[str]


class Site(pulumi.ComponentResource):
    url: pulumi.Output[str]

    def __init__(self, name: str, args: SiteArgs, opts: Optional[pulumi.ResourceOptions] = None):
        super().__init__("example:index:Site", name, {}, opts)
PYTHON
{ echo 'from __future__ import annotations'; cat "$work/plain.py"; } > "$work/future.py"

seen=$(cd "$work" && venv/bin/python -W ignore - <<'PYTHON'
import importlib

from pulumi.provider.experimental.analyzer import Analyzer


def outcome(module: str) -> str:
    try:
        found = Analyzer("example").analyze([importlib.import_module(module).Site])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return f"inputs {list(found['component_definitions']['Site'].inputs)}"


print(f"without the import: {outcome('plain')}; with it: {outcome('future')}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^pulumi=='), $(python3 --version)"
echo "behaviour: the analyzer of components fails on annotations that are text"
echo "seen: $seen"
expected="without the import: inputs ['domain']; with it: AttributeError: 'str' object has no attribute '__mro__'"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }

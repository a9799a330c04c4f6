#!/usr/bin/env bash
# Pulumi's Output.json_dumps fails on a dict with a number as a key, which json.dumps takes.
#
# What: `Output.json_dumps({80: "web"})` raises TypeError, "keywords must be strings", without any Output in the dict.
#   Its documentation says that the arguments have the same meaning as in json.dumps, whose keys may be numbers, and
#   whose `skipkeys` leaves out what cannot be a key. With skipkeys it fails as well. The same goes for
#   Output.from_input, at any depth, because a dict's keys become names of arguments; a dict that `apply` returns keeps
#   its numbers.
# Versions: pulumi 3.272.0. Pull request 11968 of pulumi fixed Outputs as keys, which had the same message; a search
#   of public issue threads found none about numbers.
# Why it matters: ports and HTTP status codes are numbers, also when a map of them is read from YAML. The message
#   appears as an unhandled exception, often in a later await, and names neither the key nor the dict.
# Here: the dicts that this program hands to json_dumps have text as keys (components/telemetry/datadog.py,
#   components/observability/dashboard.py, components/retrieval).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pulumi==3.272.0

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import json

from pulumi import Output

PORTS = {80: "web"}


async def main() -> None:
    print(f"json.dumps {json.dumps(PORTS)}")
    for name, make in {
        "json_dumps": lambda: Output.json_dumps(PORTS),
        "json_dumps with skipkeys": lambda: Output.json_dumps(PORTS, skipkeys=True),
        "from_input": lambda: Output.from_input([{"ports": PORTS}]),
        "apply": lambda: Output.from_input("web").apply(lambda name: {80: name}),
    }.items():
        try:
            print(f"{name} {await make().future()}")
        except TypeError as error:
            print(f"{name} TypeError: {error}")


asyncio.run(main())
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^pulumi==')"
echo "behaviour: a dict with a number as a key cannot be made an Output, nor dumped as one"
echo "seen: $seen"
expected='json.dumps {"80": "web"}
json_dumps TypeError: keywords must be strings
json_dumps with skipkeys TypeError: keywords must be strings
from_input TypeError: keywords must be strings
apply {80: '"'web'"'}'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }

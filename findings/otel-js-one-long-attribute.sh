#!/usr/bin/env bash
# OpenTelemetry for JavaScript drops all resource attributes when one of them has more than 255 characters.
#
# What: OTEL_RESOURCE_ATTRIBUTES holds attributes that every span and metric of a process carries. The detector of the
#   JavaScript SDK has a limit of 255 characters for a name and for a value. One value of 256 characters, and the
#   result is empty: the others are gone as well, and the only word about it is on the level `debug`. The
#   specification of the variable asks to discard everything after an error of decoding, and has no limit of length;
#   the SDK for Python reads the same text whole.
# Versions: @opentelemetry/resources 2.12.1 and, to compare, opentelemetry-sdk 1.45.2 for Python.
# Why it matters: a deployment that puts a long ARN, a list or a commit message beside `service.namespace` loses the
#   namespace, version and environment of its Node services only, and they vanish from every dashboard that filters by
#   them.
# Here: components/app/pods.py writes three attributes, of which Kubernetes and the settings bound every value to less
#   (a pod's name has 253 characters at most); the collector adds all others.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true, "dependencies": {"@opentelemetry/resources": "2.12.1", "@opentelemetry/api": "1.9.1"}}' > package.json
npm install --ignore-scripts --no-audit --no-fund --silent > npm.log 2>&1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check opentelemetry-sdk==1.45.2

attributes() { printf 'service.namespace=shop,note=%s' "$(printf 'x%.0s' $(seq "$1"))"; }
javascript() {
  OTEL_RESOURCE_ATTRIBUTES=$(attributes "$1") node --eval '
    const found = require("@opentelemetry/resources").envDetector.detect().attributes;
    console.log(Object.keys(found).join(" and ") || "nothing");'
}
python() {
  OTEL_RESOURCE_ATTRIBUTES=$(attributes "$1") venv/bin/python -c '
from opentelemetry.sdk.resources import OTELResourceDetector
print(" and ".join(OTELResourceDetector().detect().attributes) or "nothing")'
}
seen="JavaScript: 255 $(javascript 255), 256 $(javascript 256); Python: 256 $(python 256)"
echo "version: @opentelemetry/resources $(node -p 'require("@opentelemetry/resources/package.json").version'), $(venv/bin/pip freeze --disable-pip-version-check | grep '^opentelemetry-sdk==')"
echo "behaviour: one value above 255 characters empties the resource, without a warning"
echo "seen: $seen"
expected='JavaScript: 255 service.namespace and note, 256 nothing; Python: 256 service.namespace and note'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }

#!/usr/bin/env bash
# In a Pulumi policy a list of properties is equal to no list, and none of Python's.
#
# What: pulumi-policy wraps the properties that a rule is given, so that it can say when a value is not known yet. The
#   wrapper of a list is a Sequence without an equality of its own: `args.props["zones"] == ["a", "b"]` is False for a
#   resource with exactly these zones, `!=` is True, and `isinstance(args.props["zones"], list)` is False, as it is
#   for an object and dict. The type of `props` is declared as Dict[str, Any]. The wrapper of an object does compare,
#   until it holds a list.
# Versions: pulumi-policy 1.21.0 with pulumi 3.272.0; a search of the documentation found nothing about it.
# Why it matters: a rule that compares with a list never finds what it looks for, in every preview and update, while
#   its unit test passes, because the test hands over a plain dict.
# Here: policies/pack.py turns every property into plain lists and dicts before a rule sees it (`plain`), and
#   tests/policies/test_pack.py asks the pack over gRPC, as the engine does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  pulumi-policy==1.21.0 pulumi==3.272.0 setuptools==80.9.0

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy
from pulumi_policy.policy import _PolicyAnalyzerServicer

ZONES = ["zone-a", "zone-b"]
found: list[str] = []


def validate(args, report):
    zones = args.props["zones"]
    found.append(f"equal: {zones == ZONES}, equal as list(): {list(zones) == ZONES}, a list: {isinstance(zones, list)}")


policy = ResourceValidationPolicy(name="zones", description="Compares a list", validate=validate)
properties = struct_pb2.Struct()
properties.update({"zones": ZONES})
# What the engine sends for every resource of a preview.
request = analyzer_pb2.AnalyzeRequest(
    type="example:index:Thing", urn="urn:pulumi:dev::app::example:index:Thing::one", name="one", properties=properties
)
servicer = _PolicyAnalyzerServicer("pack", "0.0.1", [policy], EnforcementLevel.MANDATORY, None)
servicer.Analyze(request, None)
print(found[0])
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^pulumi(_policy)?==' | tr '\n' ' ')"
echo "behaviour: a rule's list of properties is not equal to a list of the same elements"
echo "seen: $seen"
expected="equal: False, equal as list(): True, a list: False"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
